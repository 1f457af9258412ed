// PostgreSQL's rules for choosing among overloaded functions and operators.
#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

std::vector<Candidate> match_types(const Statement& statement, const std::vector<Oid>& types,
                                   const std::vector<Candidate>& candidates) {
  std::vector<Candidate> fit;
  for (const Candidate& candidate : candidates) {
    if (can_coerce(statement, types, candidate.types, CoercionContext::implicit)) {
      fit.push_back(candidate);
    }
  }
  return fit;
}

namespace {

// Keeps the candidates for which `score` is highest.
template <typename Score>
void keep_best(std::vector<Candidate>& candidates, Score score) {
  int best = 0;
  std::vector<int> scores;
  for (const Candidate& candidate : candidates) {
    scores.push_back(score(candidate));
    best = std::max(best, scores.back());
  }
  std::vector<Candidate> kept;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (scores[i] == best) kept.push_back(std::move(candidates[i]));
  }
  candidates = std::move(kept);
}

// What the candidates say about the arguments of unknown type.
struct UnknownSlot {
  char category = '\0';  // '\0': undecided
  bool has_preferred = false;
};

// The category that candidates agree on for argument `i`, strings first; no value: they differ.
std::optional<UnknownSlot> slot_of(const Statement& statement,
                                   const std::vector<Candidate>& candidates, std::size_t i) {
  UnknownSlot slot;
  bool has_conflict = false;
  for (const Candidate& candidate : candidates) {
    const Oid type = candidate.types[i];
    const TypeDesc* desc = statement.catalog().find_type(type);
    const char category = desc == nullptr ? 'X' : desc->category;
    const bool preferred = desc != nullptr && desc->is_preferred;
    if (slot.category == '\0') {
      slot = {category, preferred};
    } else if (category == slot.category) {
      slot.has_preferred = slot.has_preferred || preferred;
    } else if (category == 'S') {
      slot = {category, preferred};
    } else {
      has_conflict = true;
    }
  }
  if (has_conflict && slot.category != 'S') return std::nullopt;
  return slot;
}

bool accepts(const Statement& statement, const Candidate& candidate,
             const std::vector<UnknownSlot>& slots) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].category == '\0') continue;
    const TypeDesc* desc = statement.catalog().find_type(candidate.types[i]);
    if (desc == nullptr || desc->category != slots[i].category) return false;
    if (slots[i].has_preferred && !desc->is_preferred) return false;
  }
  return true;
}

// Narrows by the categories of unknown arguments where the candidates allow a decision.
void narrow_unknowns(const Statement& statement, const std::vector<Oid>& types,
                     std::vector<Candidate>& candidates) {
  std::vector<UnknownSlot> slots(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] != oids::unknown) continue;
    const auto slot = slot_of(statement, candidates, i);
    if (!slot) return;
    slots[i] = *slot;
  }
  std::vector<Candidate> kept;
  for (const Candidate& candidate : candidates) {
    if (accepts(statement, candidate, slots)) kept.push_back(candidate);
  }
  // No candidate may fit all slots at once: then nothing is decided.
  if (!kept.empty()) candidates = std::move(kept);
}

// The type of all known arguments, when they agree.
Oid shared_known_type(const std::vector<Oid>& types) {
  Oid shared = oids::unknown;
  for (const Oid type : types) {
    if (type == oids::unknown) continue;
    if (shared == oids::unknown) shared = type;
    if (shared != type) return oids::unknown;
  }
  return shared;
}

}  // namespace

const Candidate* select_candidate(const Statement& statement, const std::vector<Oid>& types,
                                  std::vector<Candidate>& candidates) {
  std::vector<Oid> bases;
  std::size_t unknowns = 0;
  for (const Oid type : types) {
    bases.push_back(type == oids::unknown ? type : base_type(statement, type));
    if (type == oids::unknown) ++unknowns;
  }

  keep_best(candidates, [&](const Candidate& candidate) {
    int matches = 0;
    for (std::size_t i = 0; i < bases.size(); ++i) {
      if (bases[i] != oids::unknown && candidate.types[i] == bases[i]) ++matches;
    }
    return matches;
  });
  if (candidates.size() == 1) return &candidates[0];

  keep_best(candidates, [&](const Candidate& candidate) {
    int matches = 0;
    for (std::size_t i = 0; i < bases.size(); ++i) {
      if (bases[i] == oids::unknown) continue;
      if (candidate.types[i] == bases[i] ||
          is_preferred(statement, category_of(statement, bases[i]), candidate.types[i])) {
        ++matches;
      }
    }
    return matches;
  });
  if (candidates.size() == 1) return &candidates[0];
  if (unknowns == 0) return nullptr;

  narrow_unknowns(statement, bases, candidates);
  if (candidates.size() == 1) return &candidates[0];

  // Suppose that the unknown arguments are of the type of the known ones.
  const Oid shared =
      unknowns < types.size() ? shared_known_type(bases) : static_cast<Oid>(oids::unknown);
  if (shared == oids::unknown) return nullptr;
  const std::vector<Oid> supposed(types.size(), shared);
  const Candidate* found = nullptr;
  for (const Candidate& candidate : candidates) {
    if (!can_coerce(statement, supposed, candidate.types, CoercionContext::implicit)) continue;
    if (found != nullptr) return nullptr;
    found = &candidate;
  }
  return found;
}

}  // namespace dvecdb::server::query
