#pragma once
// Personal data and secrets in running text: hand-written linear recognisers, each anchored at a token's
// start, with check digits where the format has them and labels where it has none (docs/detection.md). Names
// of people, places and addresses are not claimed.

#include <bitset>
#include <optional>
#include <string_view>

#include "kt/text/window.hpp"

namespace kt::text {

enum class Entity : std::uint16_t {
  email,
  phone,
  credit_card,
  cvv,
  card_expiry,
  cardholder_name,
  iban,
  swift_bic,
  bank_account,
  routing_number,
  ssn,
  itin,
  tax_id,
  national_id,
  passport,
  driver_license,
  date_of_birth,
  ip_address,
  mac_address,
  crypto_address,
  api_key,
  jwt,
  private_key,
  connection_string,
  url_credentials,
  password,
  medical_record_number,
  insurance_id,
  npi,
  dea_number,
};
inline constexpr std::size_t kEntities = static_cast<std::size_t>(Entity::dea_number) + 1;
using EntitySet = std::bitset<kEntities>;

// EMAIL, PHONE, ...: the name of the configuration, the report and the marker.
std::string_view entity_name(Entity entity);
std::optional<Entity> entity_named(std::string_view name);

// Card data; the data of healthcare_mode.
EntitySet card_entities();
EntitySet health_entities();

// Match::kind is the Entity. Overlapping candidates: the earliest start, then the longest, then the more
// specific. Holds a whole token at most 16 KiB (a private key, a JSON web token), an ordinary word until the
// byte behind it.
class PiiFinder : public Finder {
 public:
  explicit PiiFinder(const EntitySet& wanted);
  [[nodiscard]] Found next(const Window& window) const override;

 private:
  EntitySet wanted_;
};

}  // namespace kt::text
