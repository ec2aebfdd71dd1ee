# Tests of notebooks/: what Python reads and draws of what kramers wrote, and that the notebooks run. Only in the plain release
# build, as in meta.cmake. Without their packages they say so and count as skipped.
if(NOT TARGET kramers OR NOT CMAKE_C_COMPILER_ID STREQUAL "GNU" OR KRAMERS_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  return()
endif()
# The system's own Python has the packages; others on the PATH often do not.
find_program(KRAMERS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(KRAMERS_PYTHON NAMES python3)
foreach(name test_kramers_py test_figures test_claims test_notebooks)
  add_test(NAME ${name} COMMAND ${KRAMERS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/${name}.py)
  set_tests_properties(${name} PROPERTIES LABELS io SKIP_RETURN_CODE 77 TIMEOUT 600
    ENVIRONMENT "KRAMERS=$<TARGET_FILE:kramers>;PYTHONDONTWRITEBYTECODE=1;MPLCONFIGDIR=${PROJECT_BINARY_DIR}/matplotlib")
endforeach()
