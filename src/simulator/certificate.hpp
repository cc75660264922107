#pragma once
#include <string>

namespace kt::simulator {

struct Certificate {
  std::string cert_pem, key_pem;
};

// Self-signed, for localhost, 127.0.0.1 and ::1, valid for a day.
Certificate make_certificate();

}  // namespace kt::simulator
