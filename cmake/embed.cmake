# Files as part of the binary: the assembler includes them as they are.
#
#   dvecdb_embed(<prefix> <namespace> <header> files...)
#
# writes embedded_files.cpp into the binary folder; it defines what <header> declares in <namespace>:
# embedded_file(name) and embedded_file_names(). <prefix> keeps the symbols of rooms apart.
function(dvecdb_embed prefix embedded_namespace embedded_header)
  set(embedded_bytes "")
  set(embedded_symbols "")
  set(embedded_entries "")
  foreach(path ${ARGN})
    get_filename_component(name ${path} NAME)
    string(MAKE_C_IDENTIFIER "dvecdb_${prefix}_${name}" symbol)
    string(APPEND embedded_bytes
      ".global ${symbol}\n${symbol}:\n.incbin \"${path}\"\n.global ${symbol}_end\n${symbol}_end:\n.byte 0\n")
    string(APPEND embedded_symbols
      "extern \"C\" const char ${symbol}[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND embedded_entries "    {\"${name}\", ${symbol}, ${symbol}_end},\n")
  endforeach()
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded_files.cpp.in
    ${CMAKE_CURRENT_BINARY_DIR}/embedded_files.cpp @ONLY)
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/embedded_files.cpp
    PROPERTIES OBJECT_DEPENDS "${ARGN}")
endfunction()
