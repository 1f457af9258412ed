#include "server/storage/commit_gate.h"

namespace dvecdb::server::storage {

CommitGate::Pass::Pass(CommitGate& gate) : gate_(gate) {
  std::unique_lock lock(gate_.mutex_);
  gate_.changed_.wait(lock, [this] { return !gate_.is_closed_; });
  ++gate_.passing_;
}

CommitGate::Pass::~Pass() {
  const std::lock_guard lock(gate_.mutex_);
  --gate_.passing_;
  if (gate_.is_closed_) gate_.changed_.notify_all();
}

CommitGate::Closed::Closed(CommitGate& gate) : gate_(gate) {
  std::unique_lock lock(gate_.mutex_);
  gate_.changed_.wait(lock, [this] { return !gate_.is_closed_; });
  gate_.is_closed_ = true;
  gate_.changed_.wait(lock, [this] { return gate_.passing_ == 0; });
}

CommitGate::Closed::~Closed() {
  const std::lock_guard lock(gate_.mutex_);
  gate_.is_closed_ = false;
  gate_.changed_.notify_all();
}

}  // namespace dvecdb::server::storage
