# A Debian package of what is installed: cpack -G DEB, or ./dev package. The program finds scenes and data beside itself.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kramers)
set(CPACK_PACKAGE_VENDOR "the Kramers authors")
set(CPACK_PACKAGE_CONTACT "the Kramers authors <kramers@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_DEPENDS fonts-dejavu-core) # and what dpkg-shlibdeps finds
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3-numpy, python3-h5py, python3-matplotlib, python3-yaml")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "ffmpeg, libgsl-dev, libyaml-dev, libhdf5-dev, pkgconf")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "${PROJECT_DESCRIPTION}
 Simulates SGD, SGLD, momentum and Langevin dynamics on loss landscapes,
 measures how fast they leave a minimum, and puts every number beside
 exact theory. The command kramers with its window, the C library with
 headers, the Python module, shipped scenes and data.")
include(CPack)
