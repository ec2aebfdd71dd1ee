# Installs the command, the library with its headers, scenes and data, and what other projects need to find it: a CMake package
# (find_package(kramers), target kramers::kramers, function kramers_add_plugin) and a pkg-config file. -DBUILD_SHARED_LIBS=ON makes
# the library a shared one.
include(CMakePackageConfigHelpers)

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/kramers)
set_target_properties(libkramers PROPERTIES EXPORT_NAME kramers VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
install(TARGETS libkramers EXPORT kramers-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET kramers)
  file(RELATIVE_PATH library_from_binary ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(kramers PROPERTIES INSTALL_RPATH "$<$<BOOL:${BUILD_SHARED_LIBS}>:$ORIGIN/${library_from_binary}>")
  install(TARGETS kramers RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

install(DIRECTORY include/kramers ${PROJECT_BINARY_DIR}/generated/include/kramers DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN *.h)
install(DIRECTORY scenes DESTINATION ${CMAKE_INSTALL_DATADIR}/kramers FILES_MATCHING PATTERN *.yaml)
if(EXISTS ${PROJECT_SOURCE_DIR}/data)
  install(DIRECTORY data DESTINATION ${CMAKE_INSTALL_DATADIR}/kramers)
endif()
if(EXISTS ${PROJECT_SOURCE_DIR}/notebooks)
  install(DIRECTORY notebooks DESTINATION ${CMAKE_INSTALL_DATADIR}/kramers FILES_MATCHING PATTERN *.py PATTERN *.ipynb
    PATTERN __pycache__ EXCLUDE PATTERN .ipynb_checkpoints EXCLUDE PATTERN pictures EXCLUDE)
endif()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright) # where Debian looks for it
install(FILES docs/guide.md docs/reference.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(FILES LICENSE README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# A static library hands its own dependencies on to whoever links it, a shared one has them inside.
set(dependencies "")
set(pkgconfig_requires "")
set(pkgconfig_libs "")
if(NOT BUILD_SHARED_LIBS)
  set(dependencies "find_dependency(PkgConfig)
find_dependency(OpenMP COMPONENTS C)
pkg_check_modules(GSL REQUIRED IMPORTED_TARGET gsl)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET ${HDF5_MODULE_NAME})")
  set(pkgconfig_requires "gsl yaml-0.1 ${HDF5_MODULE_NAME}")
  set(pkgconfig_libs "${OpenMP_C_FLAGS} -lm")
endif()
file(CONFIGURE OUTPUT package/kramers-config.cmake @ONLY CONTENT "include(CMakeFindDependencyMacro)
@dependencies@
include(\${CMAKE_CURRENT_LIST_DIR}/kramers-targets.cmake)
include(\${CMAKE_CURRENT_LIST_DIR}/plugins.cmake)
")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/kramers-config-version.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT kramers-targets NAMESPACE kramers:: DESTINATION ${package_directory})
install(FILES ${PROJECT_BINARY_DIR}/package/kramers-config.cmake ${PROJECT_BINARY_DIR}/package/kramers-config-version.cmake
  ${PROJECT_SOURCE_DIR}/cmake/plugins.cmake DESTINATION ${package_directory})

# The prefix is found from where the file lies, so that an installed tree can be moved.
file(RELATIVE_PATH prefix_from_pkgconfig ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
file(CONFIGURE OUTPUT package/kramers.pc @ONLY CONTENT "prefix=\${pcfiledir}/@prefix_from_pkgconfig@
libdir=\${prefix}/@CMAKE_INSTALL_LIBDIR@
includedir=\${prefix}/@CMAKE_INSTALL_INCLUDEDIR@
datadir=\${prefix}/@CMAKE_INSTALL_DATADIR@/kramers

Name: kramers
Description: @PROJECT_DESCRIPTION@
Version: @PROJECT_VERSION@
Requires: @pkgconfig_requires@
Libs: -L\${libdir} -lkramers @pkgconfig_libs@
Cflags: -I\${includedir}
")
install(FILES ${PROJECT_BINARY_DIR}/package/kramers.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
