#include <array>

#include "kt/text/pii.hpp"

namespace kt::text {
namespace {

// In the order of Entity.
constexpr std::array<std::string_view, kEntities> kNames{"EMAIL",
                                                         "PHONE",
                                                         "CREDIT_CARD",
                                                         "CVV",
                                                         "CARD_EXPIRY",
                                                         "CARDHOLDER_NAME",
                                                         "IBAN",
                                                         "SWIFT_BIC",
                                                         "BANK_ACCOUNT",
                                                         "ROUTING_NUMBER",
                                                         "SSN",
                                                         "ITIN",
                                                         "TAX_ID",
                                                         "NATIONAL_ID",
                                                         "PASSPORT",
                                                         "DRIVER_LICENSE",
                                                         "DATE_OF_BIRTH",
                                                         "IP_ADDRESS",
                                                         "MAC_ADDRESS",
                                                         "CRYPTO_ADDRESS",
                                                         "API_KEY",
                                                         "JWT",
                                                         "PRIVATE_KEY",
                                                         "CONNECTION_STRING",
                                                         "URL_CREDENTIALS",
                                                         "PASSWORD",
                                                         "MEDICAL_RECORD_NUMBER",
                                                         "INSURANCE_ID",
                                                         "NPI",
                                                         "DEA_NUMBER"};

EntitySet set_of(std::initializer_list<Entity> entities) {
  EntitySet out;
  for (const Entity each : entities) out.set(static_cast<std::size_t>(each));
  return out;
}

}  // namespace

std::string_view entity_name(Entity entity) { return kNames[static_cast<std::size_t>(entity)]; }

std::optional<Entity> entity_named(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Entity>(i);
  }
  return std::nullopt;
}

EntitySet card_entities() {
  return set_of({Entity::credit_card, Entity::cvv, Entity::card_expiry, Entity::cardholder_name});
}

EntitySet health_entities() {
  return set_of({Entity::medical_record_number, Entity::insurance_id, Entity::npi, Entity::dea_number});
}

}  // namespace kt::text
