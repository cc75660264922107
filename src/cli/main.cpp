#include "cli/cli.hpp"

int main(int argc, char** argv) { return kt::cli::run(argc, argv); }
