# Warnings, sanitizers and floating-point rules (plugins.cmake): the same for every target.
add_library(kramers_flags INTERFACE)
target_compile_options(kramers_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation> # messages are cut to the size of their buffer on purpose
  ${KRAMERS_FLOATING_POINT})
if(KRAMERS_WERROR)
  target_compile_options(kramers_flags INTERFACE -Werror)
endif()
if(KRAMERS_SANITIZE)
  add_compile_options(-fsanitize=${KRAMERS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${KRAMERS_SANITIZE})
endif()
add_compile_definitions(_POSIX_C_SOURCE=200809L)
set(CMAKE_C_VISIBILITY_PRESET hidden) # but for what KR_API declares
set(CMAKE_EXPORT_COMPILE_COMMANDS ON) # the check that kernels are vectorised compiles them again with these
