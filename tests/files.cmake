# Files as other programs see them. Without the modules the tests say so and count as skipped.
if(NOT TARGET kramers)
  return()
endif()
# The system's own Python has the modules; others on the PATH often do not.
find_program(KRAMERS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(KRAMERS_PYTHON NAMES python3)
foreach(name test_h5md test_mdanalysis)
  add_test(NAME ${name} COMMAND ${KRAMERS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/${name}.py)
  set_tests_properties(${name} PROPERTIES LABELS io SKIP_RETURN_CODE 77 TIMEOUT 300
    ENVIRONMENT "KRAMERS=$<TARGET_FILE:kramers>;PYTHONDONTWRITEBYTECODE=1")
endforeach()
