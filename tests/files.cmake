# Files as other programs see them. Without the modules the tests say so and count as skipped.
if(NOT TARGET kramers)
  return()
endif()
# The system's own Python has the modules; others on the PATH often do not.
find_program(KRAMERS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(KRAMERS_PYTHON NAMES python3)
set(sanitized 0)
if(KRAMERS_SANITIZE)
  set(sanitized 1)
endif()
add_executable(renew_checksums renew_checksums.c)
target_link_libraries(renew_checksums PRIVATE kramers_flags libkramers_inside)
foreach(name test_h5md test_mdanalysis test_hostile_files test_mutated_files)
  add_test(NAME ${name} COMMAND ${KRAMERS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/${name}.py)
  set_tests_properties(${name} PROPERTIES LABELS io SKIP_RETURN_CODE 77 TIMEOUT 300
    ENVIRONMENT "KRAMERS=$<TARGET_FILE:kramers>;PYTHONDONTWRITEBYTECODE=1;RENEW_CHECKSUMS=$<TARGET_FILE:renew_checksums>;KRAMERS_SANITIZED=${sanitized};LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_LIST_DIR}/hdf5_leaks.txt:print_suppressions=0")
endforeach()
set_tests_properties(test_mutated_files PROPERTIES TIMEOUT 7200) # under KRAMERS_TEST_ALL; each verb of it has a minute

# HDF5 is not instrumented, so sanitizers cannot see what it does with memory that was given back: the C library overwrites such
# memory in one round of the tests of files (without their long ones), and valgrind looks at a short run and at how it goes on.
foreach(name test_io_trajectory test_io_recording test_session_interventions)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/perturbed/${name})
  add_test(NAME ${name}_perturbed COMMAND ${name} WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/perturbed/${name})
  set_tests_properties(${name}_perturbed PROPERTIES LABELS io ENVIRONMENT "MALLOC_PERTURB_=60;KRAMERS_TEST_SKIP=*kill*")
endforeach()
find_program(KRAMERS_VALGRIND valgrind)
if(KRAMERS_VALGRIND AND NOT KRAMERS_SANITIZE)
  set(looked_at ${KRAMERS_VALGRIND} -q --error-exitcode=9 $<TARGET_FILE:kramers>) # knows no AVX-512
  add_test(NAME valgrind_run COMMAND ${looked_at} run --isa baseline --threads 1 --quiet --force -o valgrind.h5
    --set ensemble.particles=20 --set ensemble.steps=100 --set trajectory.flush=2 WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
  add_test(NAME valgrind_resume COMMAND ${looked_at} resume valgrind.h5 --steps 150 --isa baseline --threads 1 --quiet
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
  add_test(NAME valgrind_sweep COMMAND ${looked_at} sweep --isa baseline --threads 1 --quiet --force -o valgrind_table.h5
    --set ensemble.particles=4 --set ensemble.steps=20 --set dynamics.temperature=0 --vary schedule.lr=0.01,0.02
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
  set_tests_properties(valgrind_sweep PROPERTIES LABELS io)
  if(TARGET kramers_window)
    add_test(NAME valgrind_session COMMAND ${looked_at} view --isa baseline --threads 1 --frames 2 --size 320x240 --force
      -o valgrind_session.h5 --set ensemble.particles=4 --set dynamics.temperature=0 WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
    set_tests_properties(valgrind_session PROPERTIES LABELS io ENVIRONMENT SDL_VIDEODRIVER=dummy)
  endif()
  # Nobody uses a byte of a scene's text that the parser has not written.
  add_test(NAME valgrind_scene_yaml COMMAND ${KRAMERS_VALGRIND} -q --error-exitcode=9 $<TARGET_FILE:test_scene_yaml>)
  set_tests_properties(valgrind_scene_yaml PROPERTIES LABELS io ENVIRONMENT KRAMERS_TEST_SKIP=large*)
  set_tests_properties(valgrind_run PROPERTIES LABELS io FIXTURES_SETUP valgrind_file)
  set_tests_properties(valgrind_resume PROPERTIES LABELS io FIXTURES_REQUIRED valgrind_file)
elseif(NOT KRAMERS_SANITIZE)
  add_test(NAME valgrind_run COMMAND ${CMAKE_COMMAND} -E echo "skipped: valgrind is not installed")
  set_tests_properties(valgrind_run PROPERTIES LABELS io SKIP_REGULAR_EXPRESSION "skipped:")
endif()

# Signals at any moment, and requests for memory that fail, of the program as it is; sampled, whole with KRAMERS_TEST_ALL. What fails
# requests must come before everything else in a process, as the address sanitizer must.
set(environment "KRAMERS=$<TARGET_FILE:kramers>" "PYTHONDONTWRITEBYTECODE=1")
if(KRAMERS_SANITIZE)
  list(APPEND environment "KRAMERS_SANITIZED=1")
else()
  add_library(kramers_memory_fault MODULE ${CMAKE_CURRENT_LIST_DIR}/memory_fault.c)
  target_compile_definitions(kramers_memory_fault PRIVATE _GNU_SOURCE)
  target_link_libraries(kramers_memory_fault PRIVATE ${CMAKE_DL_LIBS})
  set_target_properties(kramers_memory_fault PROPERTIES PREFIX "" C_VISIBILITY_PRESET default)
  set(examples ${PROJECT_SOURCE_DIR}/examples/plugins)
  kramers_add_plugin(plugin_of_tests LANDSCAPE ${examples}/landscapes/triple_well.c SCHEDULE ${examples}/schedules/inverse.c
    THEORY ${examples}/theory/free_diffusion.c OBSERVER ${examples}/observers/displacement.c)
  add_test(NAME test_memory_faults COMMAND ${KRAMERS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/test_memory_faults.py)
  set_tests_properties(test_memory_faults PROPERTIES LABELS io TIMEOUT 1200
    ENVIRONMENT "${environment};KRAMERS_FAULT=$<TARGET_FILE:kramers_memory_fault>;KRAMERS_TEST_PLUGIN=$<TARGET_FILE:plugin_of_tests>")
endif()
add_test(NAME test_check_kinds COMMAND ${KRAMERS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/test_check_kinds.py)
set_tests_properties(test_check_kinds PROPERTIES LABELS io TIMEOUT 300 ENVIRONMENT "${environment}")
add_test(NAME test_surroundings COMMAND ${KRAMERS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/test_surroundings.py)
set_tests_properties(test_surroundings PROPERTIES LABELS io TIMEOUT 600 ENVIRONMENT "${environment}")
add_test(NAME test_full_disk COMMAND ${KRAMERS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/test_full_disk.py)
set_tests_properties(test_full_disk PROPERTIES LABELS io TIMEOUT 600 ENVIRONMENT "${environment}")
add_test(NAME test_interrupts COMMAND ${KRAMERS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/test_interrupts.py)
set_tests_properties(test_interrupts PROPERTIES LABELS io TIMEOUT 1200 ENVIRONMENT "${environment}")
