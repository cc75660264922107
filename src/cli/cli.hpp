#pragma once

namespace kt::cli {

// Runs one command line. Returns the exit code of the contract: 0 ok, 1 could not read or connect, 2 invalid
// configuration or usage, 3 a check failed.
int run(int argc, char** argv);

}  // namespace kt::cli
