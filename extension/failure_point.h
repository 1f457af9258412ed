#pragma once

namespace dvecdb::extension {

/// Places at which the tests' build of the extension (DVECDB_FAILURE_POINTS) can be made to fail,
/// so that tests see what a failure there leaves behind. In other builds they are nothing.
///
/// `SET dvecdb.failure_point = 'name:n:kind'` has the n-th passing of the point from then on fail,
/// once. SHOW tells what is still to come of it; nothing once it has failed. Kinds:
///   oom     out of memory: PostgreSQL's error, or std::bad_alloc in code that knows no PostgreSQL
///   error   another error
///   cancel  the query is canceled, as by a signal
///   crash   the process ends at once; what it has logged by then is on disk
///   pause   it waits for the advisory lock 1, which a test holds while others overtake it; for
///           points where no page is locked
/// The point named `allocation` is every allocation of C++, in all threads.
#ifdef DVECDB_FAILURE_POINTS

/// In the backend's own thread, where PostgreSQL's errors may be raised.
void failure_point(const char* name);

/// Where they may not: in threads and within guarded().
void failure_point_in_core(const char* name);

/// Defines the setting; once a process, from _PG_init.
void register_failure_points();

#else

inline void failure_point(const char*) {}
inline void failure_point_in_core(const char*) {}
inline void register_failure_points() {}

#endif

}  // namespace dvecdb::extension
