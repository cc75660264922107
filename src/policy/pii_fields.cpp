#include "policy/pii_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kt/base/nearest.hpp"
#include "kt/text/finders.hpp"
#include "kt/text/pattern.hpp"
#include "kt/text/pii.hpp"

namespace kt::policy {
namespace {

using Json = nlohmann::json;
using text::Entity;
using text::EntitySet;

// Names that other products use for the same things.
struct Alias {
  std::string_view name;
  Entity entity;
};
constexpr Alias kAliases[] = {{"EMAIL_ADDRESS", Entity::email},
                              {"PHONE_NUMBER", Entity::phone},
                              {"CREDIT_CARD_NUMBER", Entity::credit_card},
                              {"IBAN_CODE", Entity::iban},
                              {"US_SSN", Entity::ssn},
                              {"US_ITIN", Entity::itin},
                              {"IP", Entity::ip_address},
                              {"CRYPTO", Entity::crypto_address},
                              {"US_PASSPORT", Entity::passport},
                              {"US_DRIVER_LICENSE", Entity::driver_license},
                              {"MRN", Entity::medical_record_number},
                              {"DOB", Entity::date_of_birth},
                              {"SECRET", Entity::api_key}};

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c == '-' ? '_' : c;
  });
  return text;
}

std::optional<Entity> entity_of(const std::string& name) {
  if (const auto known = text::entity_named(name)) return known;
  for (const Alias& each : kAliases) {
    if (each.name == name) return each.entity;
  }
  return std::nullopt;
}

void unknown_entity(const std::string& field, const std::string& name, std::vector<Problem>& problems) {
  std::vector<std::string_view> names{"CUSTOM"};
  for (std::size_t i = 0; i < text::kEntities; ++i)
    names.push_back(text::entity_name(static_cast<Entity>(i)));
  const std::string_view near = nearest(name, names);
  problems.push_back(
      {field, "there is no such entity",
       near.empty() ? "docs/detection.md lists them" : "did you mean " + std::string(near) + "?"});
}

EntitySet wanted_entities(const Json& fields, std::vector<Problem>& problems) {
  EntitySet wanted;
  const Json& list = fields.at("entities");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string name = upper(list[i].get<std::string>());
    if (name == "CUSTOM") continue;
    if (const auto entity = entity_of(name)) {
      wanted.set(static_cast<std::size_t>(*entity));
    } else {
      unknown_entity("entities[" + std::to_string(i) + "]", name, problems);
    }
  }
  if (list.empty()) {
    wanted.set();
    if (!fields.at("healthcare_mode").get<bool>()) wanted &= ~text::health_entities();
  }
  if (!fields.at("pci_mode").get<bool>()) wanted &= ~text::card_entities();
  return wanted;
}

MarkerStyle marker_style(const Json& redaction, std::vector<Problem>& problems) {
  MarkerStyle out;
  const std::string format = redaction.value("marker_format", "label");
  out.format = format == "asterisks" ? MarkerFormat::asterisks
               : format == "partial" ? MarkerFormat::partial
                                     : MarkerFormat::label;
  out.preserve_length = redaction.value("preserve_length", false);
  const Json custom = redaction.value("custom_markers", Json::object());
  for (const auto& [key, marker] : custom.items()) {
    const std::string name = upper(key);
    if (name == "CUSTOM") {
      out.custom[name] = marker.get<std::string>();
    } else if (const auto entity = entity_of(name)) {
      out.custom[std::string(text::entity_name(*entity))] = marker.get<std::string>();
    } else {
      unknown_entity("redaction.custom_markers." + key, name, problems);
    }
  }
  return out;
}

// Texts that look like numbered markers: [EMAIL_1].
std::unique_ptr<text::PatternFinder> marker_like() {
  std::vector<text::PatternFault> faults;
  return text::PatternFinder::make({R"(\[[A-Z][A-Z_]{1,30}_[0-9]{1,4}\])"}, faults);
}

}  // namespace

std::string_view type_of(std::uint16_t kind) {
  if (kind == kMarkerLike) return "TEXT";
  return kind >= kFirstPattern ? "CUSTOM" : text::entity_name(static_cast<Entity>(kind));
}

PiiFields read_pii_fields(const config::PolicyBlock& block, std::vector<Problem>& problems) {
  const Json fields = Json::parse(block.fields);
  const Json redaction = fields.value("redaction", Json::object());  // absent when nobody wrote it
  PiiFields out;
  out.action = fields.at("action") == "block" ? Verdict::block : Verdict::redact;
  out.metadata = redaction.value("include_metadata", true);
  out.restore = redaction.value("restore", false) && out.action == Verdict::redact;
  out.buffered = fields.at("streaming_mode") == "buffered";
  out.style = marker_style(redaction, problems);
  const EntitySet wanted = wanted_entities(fields, problems);
  std::vector<text::PatternFault> faults;
  auto patterns =
      text::PatternFinder::make(fields.at("detect_patterns").get<std::vector<std::string>>(), faults);
  for (const text::PatternFault& each : faults)
    problems.push_back(
        {"detect_patterns[" + std::to_string(each.index) + "]", each.message, each.suggestion});
  if (!problems.empty()) return out;
  auto pii = std::make_unique<text::PiiFinder>(wanted);
  if (fields.at("detect_patterns").empty() && !out.restore) {
    out.finder = std::move(pii);
    return out;
  }
  auto all = std::make_unique<text::Finders>();
  all->add(std::move(pii), 0);
  if (!fields.at("detect_patterns").empty()) all->add(std::move(patterns), kFirstPattern);
  if (out.restore) all->add(marker_like(), kMarkerLike);
  out.finder = std::move(all);
  return out;
}

}  // namespace kt::policy
