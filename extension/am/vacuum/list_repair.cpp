#include "extension/am/vacuum/list_repair.h"

#include <algorithm>
#include <cfloat>

#include "extension/failure_point.h"
#include "extension/guard.h"

namespace dvecdb::extension {
namespace {

/// Dead nodes whose links are looked through for one list.
constexpr std::size_t kMostDead = 64;

/// Candidates that are compared by their own codes: this many for each link that is wanted, and
/// some more.
constexpr std::size_t kWeighedPerLink = 3;
constexpr std::size_t kWeighedBeside = 8;

}  // namespace

bool ListRepair::is_gone(NodeId link) {
  if (survey_.dead.has(link)) return true;
  return survey_.free.has(link) && reader().code(link) == nullptr;
}

bool ListRepair::has_gone(const LinkList& list) {
  return std::any_of(list.links.begin(), list.links.begin() + static_cast<int>(list.count),
                     [&](NodeId link) { return is_gone(link); });
}

void ListRepair::begin(NodeId node, const std::uint8_t* code) {
  node_ = node;
  own_code_ = code;
  guarded([&] { codes().prepare_from_code(code, about_); });
}

void ListRepair::repair(std::uint32_t level, LinkList& list) {
  failure_point("vacuum repair");
  const std::size_t before = list.count;
  found_.clear();
  find_open(list, keeps_ways_ && level == 0);
  gather(level, open_.size());
  std::size_t wanted = open_.size();
  if (found_.empty() && kept_.empty()) {
    search(level);
    wanted = std::max<std::size_t>(before, reader().index().shape().m);
  }
  load_kept();
  weigh(wanted * kWeighedPerLink + kWeighedBeside);
  const std::size_t kept = chosen_.size();
  guarded([&] { choice_.choose(weighed_, kept + wanted, chosen_); });
  fill_open(list, chosen_.data() + kept, chosen_.size() - kept);
}

/// Parts the list into what stays and the places that become free, and the dead that were there.
/// The way that is kept is in neither part.
void ListRepair::find_open(const LinkList& list, bool keeps_way) {
  guarded([&] {
    visited_.reset(survey_.dead.count());
    open_.clear();
    kept_.clear();
    dead_.clear();
  });
  visited_.mark(node_);
  for (std::size_t i = 0; i < list.count; ++i) {
    const NodeId link = list.links[i];
    const bool is_open = is_gone(link);
    if (is_open) {
      guarded([&] { open_.push_back(i); });
    } else {
      guarded([&] { kept_.push_back(link); });
    }
    const bool is_dead = survey_.dead.has(link);
    if (visited_.mark(link) && is_dead) add_dead(link);
    if (!keeps_way || !is_dead) continue;
    open_.pop_back();
    keeps_way = false;
  }
}

/// New links come into the open places; the last ones of the list into those that remain.
void ListRepair::fill_open(LinkList& list, const LinkCandidate* picked, std::size_t count) {
  std::size_t used = 0;
  for (const std::size_t place : open_) {
    if (used == count) break;
    list.links[place] = picked[used++].node;
  }
  while (used < count && list.count < list.links.size()) {
    list.links[list.count++] = picked[used++].node;
  }
  for (std::size_t i = open_.size(); i-- > count;) {
    list.links[open_[i]] = list.links[--list.count];
  }
}

/// Candidates: what the dead lead to, and what the dead that they lead to do while there are few.
void ListRepair::gather(std::uint32_t level, std::size_t wanted) {
  const std::size_t direct = dead_.size();
  for (std::size_t i = 0; i < dead_.size() && i < kMostDead; ++i) {
    if (i >= direct && found_.size() >= wanted * kWeighedPerLink + kWeighedBeside) return;
    CHECK_FOR_INTERRUPTS();
    if (!reader().read(dead_[i], about_, view_)) continue;
    if (level == 0) {
      take_links_of(dead_[i]);
    } else {
      take_upper_links_of(dead_[i], level);
    }
  }
}

/// Of the dead node in view_; distances by the codes in its row, where they are.
void ListRepair::take_links_of(NodeId dead) {
  std::size_t fused = 0;
  for (std::size_t i = 0; i < view_.header.link_count; ++i) {
    const NodeId link = view_.links[i];
    if (!visited_.mark(link)) continue;
    if (survey_.dead.has(link)) {
      add_dead(link);
    } else if (view_.is_fused(i)) {
      places_[fused++] = static_cast<std::uint8_t>(i);
    } else {
      take(link, reader().distance(link, about_));
    }
  }
  if (fused == 0) return;
  reader().row_distances(dead, view_, about_, places_.data(), fused, distances_.data());
  for (std::size_t i = 0; i < fused; ++i) take(view_.links[places_[i]], distances_[i]);
}

void ListRepair::take_upper_links_of(NodeId dead, std::uint32_t level) {
  if (view_.header.level < level) return;
  const std::size_t count = reader().upper_links(dead, view_.header, level, links_.data());
  for (std::size_t i = 0; i < count; ++i) {
    if (!visited_.mark(links_[i])) continue;
    if (survey_.dead.has(links_[i])) {
      add_dead(links_[i]);
    } else {
      take(links_[i], reader().distance(links_[i], about_));
    }
  }
}

void ListRepair::add_dead(NodeId dead) {
  guarded([&] { dead_.push_back(dead); });
}

void ListRepair::take(NodeId node, float distance) {
  if (distance == FLT_MAX) return;  // not there
  guarded([&] { found_.push_back({distance, node}); });
}

void ListRepair::search_near(std::vector<core::Candidate>& out) {
  found_.clear();
  search(0);
  guarded([&] { out = found_; });
}

/// Candidates as for a new node.
void ListRepair::search(std::uint32_t level) {
  const MetaData meta = read_meta(reader().relation());
  if (meta.entry == kNoNode || meta.entry_level < level) return;
  guarded([&] { codes().prepare_from_code(own_code_, walk_.query()); });
  const core::Candidate start =
      walk_.descend(meta.entry, meta.entry_level, std::max<std::uint32_t>(level, 1));
  walk_.begin(reader().index().shape().ef_construction, start, false);
  walk_.run(level);
  for (const Met& met : walk_.met()) {
    const bool is_other = met.node != node_ && met.state == NodeState::live;
    if (is_other && !survey_.dead.has(met.node)) take(met.node, met.distance);
  }
}

/// The links that stay are chosen already.
void ListRepair::load_kept() {
  guarded([&] { chosen_.clear(); });
  for (const NodeId link : kept_) survey_.codes.prefetch(link);
  for (const NodeId link : kept_) {
    const std::uint8_t* code = survey_.codes.code(reader(), link);
    if (code != nullptr) guarded([&] { chosen_.push_back({0, link, code}); });
  }
}

/// Compares the nearest candidates by their own codes.
void ListRepair::weigh(std::size_t count) {
  if (found_.size() > count) {
    std::nth_element(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(count),
                     found_.end());
    found_.resize(count);
  }
  for (const core::Candidate& found : found_) survey_.codes.prefetch(found.slot);
  weighed_.clear();
  for (const core::Candidate& found : found_) {
    const std::uint8_t* code = survey_.codes.code(reader(), found.slot);
    if (code != nullptr) guarded([&] { weighed_.push_back({0, found.slot, code}); });
  }
  guarded([&] { choice_.measure(own_code_, weighed_); });
  std::sort(weighed_.begin(), weighed_.end());
}

}  // namespace dvecdb::extension
