// docs/configuration.md from the table of fields.
#include <set>

#include "config/check.hpp"

namespace kt::config {
namespace {

std::string type_name(const FieldSpec& field, Type type) {
  switch (type) {
    case Type::string:
      return field.values.empty() ? "text" : "one of";
    case Type::boolean:
      return "true / false";
    case Type::integer:
      return "whole number";
    case Type::number:
      return "number";
    case Type::object:
      return "[" + std::string(field.object->name) + "](#" + std::string(field.object->name) + ")";
    case Type::list:
      return "list of " + type_name(field, field.item);
    case Type::map:
      return "map of " + type_name(field, field.item);
    case Type::secret_ref:
      return "secret reference";
    case Type::azure_auth:
      return "text or object";
    case Type::any:
      return "map";
  }
  return {};
}

void section(const ObjectSpec& spec, std::string& out, std::set<const ObjectSpec*>& done,
             std::string_view anchor) {
  if (!done.insert(&spec).second) return;
  out += "\n### " + std::string(anchor.empty() ? spec.name : anchor) + "\n\n" + std::string(spec.doc) +
         "\n\n| field | type | default | meaning |\n|---|---|---|---|\n";
  for (const FieldSpec& field : spec.fields) {
    std::string values;
    for (const auto value : field.values)
      values += (values.empty() ? " `" : ", `") + std::string(value) + "`";
    out += "| `" + std::string(field.name) + "` | " + type_name(field, field.type) + values + " | ";
    out += field.required           ? "**required**"
           : field.fallback.empty() ? ""
                                    : "`" + std::string(field.fallback) + "`";
    out += " | " + std::string(field.doc) + " |\n";
  }
  for (const FieldSpec& field : spec.fields) {
    if (field.object != nullptr) section(*field.object, out, done, {});
  }
}

constexpr std::string_view kIntro = R"(# Configuration

The reference of `policy-config.yaml`, printed by `kt config reference` from the table that the loader checks with
(`src/config/fields.cpp`). `kt policy lint --file policy-config.yaml` checks a file, `kt config schema` prints a JSON Schema for
editors.

## Rules

- **Strict.** Unknown keys, duplicate keys, wrong types, anchors, aliases, tags, merge keys and second documents are errors.
  Every problem is reported at once as `file:line:column: error CODE: what; advice`. A secret's value is never shown.
- **Layers.** Several `--policy-config` files are merged in order: maps deeply, lists and values are replaced by the later file.
- **Variables.** `${VAR}` and `${VAR:-default}` in text values; `$$` is a dollar sign. Never in secrets: those are named by
  `secret_key_ref` and read anew for each request.
- **Spellings.** Strategies may be written with hyphens or underscores. `true` and `false` are the only truth values; numbers
  have no leading zero.
- **A missing secret** is a warning at start: its target is unavailable, the rest serves.

## Diagnostics

| code | meaning |
|---|---|
| E001 | unknown policy kind |
| E002 | unknown key in a policy block |
| E003 | chain entry without a block (a warning: the defaults are used) |
| E100 | a file cannot be read |
| E101 | the YAML cannot be read |
| E102 | duplicate key |
| E103 | unknown key |
| E104 | wrong type |
| E105 | a required value is missing |
| E106 | a value that is not usable |
| E107 | an id or name that is used twice |
| E108 | a reference to something that does not exist |
| E109 | a YAML feature that is not allowed |
| E110 | a variable that cannot be filled in |
| E111 | the pack is disabled |
| E210 | a policy setting that cannot be enforced, e.g. a pattern that is no RE2 |
| E211 | a protection that this version cannot give: refused |
| W201 | no `azure_api_version` |
| W202 | a key in the file |
| W203 | a setting without effect |
| W204 | an empty chain |
| W210 | a policy that this version does not enforce |
| W211 | a section that has no effect in this version |

## Fields
)";

}  // namespace

std::string reference_markdown() {
  std::string out(kIntro);
  std::set<const ObjectSpec*> done;
  section(root_spec(), out, done, {});
  out += "\n## Policies\n\nEvery kind takes `streaming_mode` and `enforce`.\n";
  for (const PolicySpec& spec : policy_specs())
    section(*spec.fields, out, done,
            spec.built ? std::string(spec.kind) : std::string(spec.kind) + " (not enforced in this version)");
  return out;
}

}  // namespace kt::config
