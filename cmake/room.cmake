# One room of the house = one static library.
#
#   dvecdb_room(<name> SOURCES a.cpp ... LINKS <rooms or libraries it may use>)
#
# makes the target dvecdb_<name>. A room links the rooms it may use and no others, so a
# call in a forbidden direction does not link in that room's own tests;
# tests/structure/check_includes.py refuses the include itself.
add_library(dvecdb_flags INTERFACE)
target_include_directories(dvecdb_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_options(dvecdb_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 takes a coroutine frame's own operator delete for a mismatch, and "literal" + std::string
  # for overlapping copies (GCC bug 105329).
  target_compile_options(dvecdb_flags INTERFACE -Wno-mismatched-new-delete -Wno-restrict)
endif()
if(DVECDB_SANITIZE)
  target_compile_options(dvecdb_flags INTERFACE -fsanitize=${DVECDB_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  if(DVECDB_SANITIZE STREQUAL thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Asio has fences, which GCC warns that it does not follow. What they order is locked too.
    target_compile_options(dvecdb_flags INTERFACE -Wno-tsan)
  endif()
  target_link_options(dvecdb_flags INTERFACE -fsanitize=${DVECDB_SANITIZE})
endif()

function(dvecdb_room name)
  cmake_parse_arguments(room "" "" "SOURCES;LINKS" ${ARGN})
  add_library(dvecdb_${name} STATIC ${room_SOURCES})
  target_link_libraries(dvecdb_${name} PUBLIC dvecdb_flags ${room_LINKS})
endfunction()

# dvecdb_unit_test(<name> SOURCES a_test.cpp ... LINKS dvecdb_core ...): one GoogleTest binary, one ctest entry.
function(dvecdb_unit_test name)
  if(NOT DVECDB_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(test "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${test_SOURCES})
  target_link_libraries(${name} PRIVATE ${test_LINKS} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 600)
endfunction()
