#include "core/hnsw/engine.h"
#include "core/index_file/hnsw_format.h"
#include "core/index_file/index_loader.h"
#include "core/index_file/index_saver.h"
#include "core/index_file/section_writer.h"

namespace dvecdb::core {
namespace {

/// Changes of more than this share of the file are not worth keeping apart: opening reads them all.
constexpr double kMostChanges = 0.3;

/// Vectors on disk are in a file that was just saved now: the index uses those, and gives up the
/// place where they were.
void use_saved_vectors(HnswEngine& index, const File& file, std::uint64_t offset,
                       std::uint32_t count) {
  std::lock_guard no_changes(index.changes);
  Graph& graph = index.graph;
  graph.vectors().prepare_remap(file, offset, count, graph.slots());
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    const bool is_newer = (graph.marks().of(slot) & ChangeMarks::kVector) != 0;
    if (is_newer) graph.vectors().write_remapped(slot);
  }
  std::lock_guard nobody_inside(index.gate);
  graph.vectors().use_remap();
}

}  // namespace

void HnswIndex::save(const std::string& path, const HnswFileInfo& info) const {
  SavedFile& saved = engine_->saved;
  std::lock_guard turn(saved.turn);
  SectionWriter file(path, kIndexMagic, kIndexVersion);
  saved.file.reset();  // until the new one is whole
  std::uint32_t slots = 0;
  {
    std::lock_guard no_changes(engine_->changes);
    std::shared_lock inside(engine_->gate);
    write_index(file, *engine_, info);
    ChangedSlots(*engine_).clear_marks();
    saved.trainings = engine_->trainings;
    slots = engine_->graph.slots();
  }
  saved.file.emplace(file.commit());
  saved.whole_bytes = file.sections_end();
  saved.next = {file.identity(), 1, file.sections_end()};
  if (engine_->graph.vectors().is_on_disk()) {
    use_saved_vectors(*engine_, *saved.file, file.offset_of("vectors"), slots);
  }
}

bool HnswIndex::append_changes(const std::string& path, const HnswFileInfo& info) const {
  SavedFile& saved = engine_->saved;
  std::lock_guard turn(saved.turn);
  if (!saved.file || !saved.file->is_at(path)) return false;
  File file(path, File::Mode::append);
  ChangePlace next = saved.next;
  if (next_changes(file, next)) return false;  // another index has written there
  std::optional<ChangedSlots> changes;
  std::optional<ChangeWriter> writer;
  {
    std::lock_guard no_changes(engine_->changes);
    std::shared_lock inside(engine_->gate);
    if (saved.trainings != engine_->trainings) return false;
    changes.emplace(*engine_);
    const std::uint64_t appended = saved.next.offset - saved.whole_bytes + changes->bytes();
    const double limit = kMostChanges * static_cast<double>(saved.whole_bytes);
    if (static_cast<double>(appended) > limit) return false;
    writer.emplace(file, saved.next);
    changes->write(*writer, info);
    changes->clear_marks();
  }
  try {
    saved.next = writer->finish();
  } catch (...) {
    changes->mark_again();
    throw;
  }
  return true;
}

HnswIndex HnswIndex::load(const std::string& path, HnswFileInfo* info,
                          const std::string& vectors_folder) {
  IndexLoader loader(path, vectors_folder);
  std::unique_ptr<HnswEngine> engine = loader.load();
  engine->saved.file.emplace(std::move(loader.file()));
  if (info != nullptr) *info = loader.info();
  return HnswIndex(std::move(engine));
}

void HnswIndex::verify(const std::string& path) {
  IndexLoader loader(path, {});
  const std::unique_ptr<HnswEngine> engine = loader.load();
  loader.verify();
}

void HnswIndex::warm() {
  Graph& graph = engine_->graph;
  for (Arena* arena : {&graph.records(), &graph.vectors()}) {
    if (arena->is_on_disk()) continue;
    for (bool is_copied = true; is_copied;) {
      std::lock_guard no_changes(engine_->changes);
      is_copied = arena->copy_chunk(graph.slots());
      if (!is_copied) break;
      std::lock_guard nobody_inside(engine_->gate);
      arena->use_copy();
    }
  }
}

}  // namespace dvecdb::core
