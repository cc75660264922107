#pragma once
// A recogniser: what begins at this very byte? One function per kind of datum, one file per idea; the table
// is in pii_finder.cpp.

#include "kt/text/pii.hpp"
#include "text/reader.hpp"

namespace kt::text {

struct Hit {
  std::size_t end = 0;  // 0: nothing begins here
  Entity entity = Entity::email;
};

// Reads forward through `reader` only, back through reader.before(at) only.
using Recogniser = Hit (*)(Reader& reader, std::size_t at);

Hit find_email(Reader& reader, std::size_t at);
Hit find_phone(Reader& reader, std::size_t at);
Hit find_card(Reader& reader, std::size_t at);
Hit find_card_detail(Reader& reader, std::size_t at);  // CVV, expiry
Hit find_cardholder(Reader& reader, std::size_t at);
Hit find_iban(Reader& reader, std::size_t at);
Hit find_bank(Reader& reader, std::size_t at);  // routing and account numbers, SWIFT/BIC
Hit find_ssn(Reader& reader, std::size_t at);
Hit find_tax_id(Reader& reader, std::size_t at);
Hit find_national_id(Reader& reader, std::size_t at);
Hit find_document(Reader& reader, std::size_t at);  // passports, driving licences
Hit find_birth_date(Reader& reader, std::size_t at);
Hit find_ipv4(Reader& reader, std::size_t at);
Hit find_ipv6(Reader& reader, std::size_t at);
Hit find_mac(Reader& reader, std::size_t at);
Hit find_crypto(Reader& reader, std::size_t at);
Hit find_key_format(Reader& reader, std::size_t at);  // tokens that tell by themselves what they are
Hit find_key_shape(Reader& reader, std::size_t at);   // ... by a mark inside; part of find_key_format
Hit find_jwt(Reader& reader, std::size_t at);
Hit find_private_key(Reader& reader, std::size_t at);
Hit find_connection(Reader& reader, std::size_t at);  // connection strings, URLs with credentials
Hit find_labelled_secret(Reader& reader, std::size_t at);
Hit find_health(Reader& reader, std::size_t at);

}  // namespace kt::text
