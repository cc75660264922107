# The libraries of packages.txt as one interface target.
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED CONFIG)
find_package(nlohmann_json 3.11 REQUIRED CONFIG)
find_package(simdjson REQUIRED CONFIG)
find_package(spdlog REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

add_library(kt_dependencies INTERFACE)
target_link_libraries(kt_dependencies INTERFACE Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads yaml-cpp::yaml-cpp
                      nlohmann_json::nlohmann_json simdjson::simdjson spdlog::spdlog_header_only CLI11::CLI11
                      PkgConfig::RE2 PkgConfig::UTF8PROC)
target_compile_definitions(kt_dependencies INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                           BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_CONTEXT_FIBER)
