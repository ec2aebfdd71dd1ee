# Tests of the project itself: what is installed, how kernels are compiled, what the guides promise. Only in the plain release
# build by GCC: the sanitizers' and the other compiler's builds would say the same again.
if(NOT CMAKE_C_COMPILER_ID STREQUAL "GNU" OR KRAMERS_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  return()
endif()
find_package(Python3 REQUIRED COMPONENTS Interpreter)

if(TARGET kramers)
  add_test(NAME meta_install
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/check_install.sh ${PROJECT_BINARY_DIR} ${CMAKE_C_COMPILER} ${CMAKE_COMMAND})
  set_tests_properties(meta_install PROPERTIES LABELS meta)
endif()

if(TARGET kramers)
  add_test(NAME meta_reference COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/docs/reference.py $<TARGET_FILE:kramers> --check)
  set_tests_properties(meta_reference PROPERTIES LABELS meta ENVIRONMENT "KRAMERS_PLUGINS=;PYTHONDONTWRITEBYTECODE=1")
endif()

find_program(KRAMERS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH) # which has h5py and Matplotlib
find_program(KRAMERS_PYTHON NAMES python3)
if(TARGET kramers)
  add_test(NAME meta_documents COMMAND ${KRAMERS_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/test_documents.py $<TARGET_FILE:kramers>)
  set_tests_properties(meta_documents PROPERTIES LABELS meta ENVIRONMENT "KRAMERS_PLUGINS=;PYTHONDONTWRITEBYTECODE=1")
endif()

if(TARGET kramers)
  add_test(NAME meta_package COMMAND ${CMAKE_CURRENT_LIST_DIR}/check_package.sh ${PROJECT_BINARY_DIR} ${CMAKE_CPACK_COMMAND})
  set_tests_properties(meta_package PROPERTIES LABELS meta SKIP_RETURN_CODE 77 TIMEOUT 300)
endif()

if(TARGET kramers AND TARGET kramers_window)
  add_test(NAME meta_rooms
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/test_rooms.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_C_COMPILER})
  set_tests_properties(meta_rooms PROPERTIES LABELS meta ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endif()

add_test(NAME meta_messages COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/check_messages.py ${PROJECT_SOURCE_DIR})
set_tests_properties(meta_messages PROPERTIES LABELS meta ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)

set(vector_isas ${KRAMERS_ISAS})
list(REMOVE_ITEM vector_isas baseline)
if(vector_isas)
  add_test(NAME meta_vectorised
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/check_vectorised.py ${PROJECT_BINARY_DIR}/compile_commands.json
      ${PROJECT_SOURCE_DIR} ${vector_isas})
  set_tests_properties(meta_vectorised PROPERTIES LABELS meta)
endif()

if(vector_isas)
  add_test(NAME meta_roofline COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/test_roofline.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  set_tests_properties(meta_roofline PROPERTIES LABELS meta ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endif()

add_test(NAME meta_libm COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/check_libm.py ${PROJECT_BINARY_DIR})
set_tests_properties(meta_libm PROPERTIES LABELS meta)

if(TARGET kramers)
  add_test(NAME meta_guide
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/check_guide.py ${PROJECT_SOURCE_DIR} ${CMAKE_COMMAND} ${CMAKE_C_COMPILER})
  set_tests_properties(meta_guide PROPERTIES LABELS meta TIMEOUT 600)
endif()

add_test(NAME meta_exports COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/test_exports.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}
  ${CMAKE_C_COMPILER} $<TARGET_FILE:libkramers>)
set_tests_properties(meta_exports PROPERTIES LABELS meta)

if(TARGET kramers)
  add_test(NAME meta_plugins COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/test_plugins.py ${PROJECT_SOURCE_DIR}
    ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND} ${CMAKE_C_COMPILER})
  set_tests_properties(meta_plugins PROPERTIES LABELS meta TIMEOUT 600)
endif()
