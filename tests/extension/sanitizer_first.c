/* AddressSanitizer begins with a program's first allocation, and translates a message as it does.
   PostgreSQL's libraries have constructors, one of which allocates while it holds the lock of
   translations (libgpg-error, in bindtextdomain): the server then never starts. Linked with
   -z initfirst, this comes before all of them. */
#include <stdlib.h>

__attribute__((constructor)) static void allocate(void) {
  void* volatile seen = malloc(1); /* which the compiler would leave out else */
  free(seen);
}
