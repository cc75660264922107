# kt_embed(SYMBOL file): puts a data file into the binary as kt::embedded::SYMBOL() -> std::string_view.
function(kt_embed symbol file)
  get_filename_component(path ${file} ABSOLUTE BASE_DIR ${CMAKE_SOURCE_DIR})
  set(asm ${CMAKE_BINARY_DIR}/embed/${symbol}.cpp)
  file(WRITE ${asm}.in
"#include <string_view>
asm(\".section .rodata\\n.balign 16\\nkt_embed_${symbol}_begin:\\n.incbin \\\"${path}\\\"\\nkt_embed_${symbol}_end:\\n.byte 0\\n.previous\\n\");
extern \"C\" const char kt_embed_${symbol}_begin[] __attribute__((visibility(\"hidden\")));
extern \"C\" const char kt_embed_${symbol}_end[] __attribute__((visibility(\"hidden\")));
namespace kt::embedded { std::string_view ${symbol}() { return {kt_embed_${symbol}_begin, static_cast<std::size_t>(kt_embed_${symbol}_end - kt_embed_${symbol}_begin)}; } }
")
  configure_file(${asm}.in ${asm} COPYONLY)
  set_source_files_properties(${asm} PROPERTIES OBJECT_DEPENDS ${path})
  target_sources(kt_core PRIVATE ${asm})
endfunction()

# Each room that ships data adds its line in src/<room>/embed.cmake.
file(GLOB kt_embed_lists CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*/embed.cmake)
foreach(list ${kt_embed_lists})
  include(${list})
endforeach()
