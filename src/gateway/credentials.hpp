#pragma once
// What a target's 401 means for its credential: one that was changed in the meantime is tried at once, and a
// target that was locked out for it comes back with the next request. Source: docs/routing.md.

#include <cstdint>

#include "gateway/exchange.hpp"
#include "kt/base/secret.hpp"

namespace kt::gateway {

// Tells two credentials apart; stays in this process. Never 0.
std::uint64_t fingerprint(const Secret& secret);

// The target's credential is not the one that exchange.trial sent.
bool credential_changed(Exchange& exchange, const Target& target);

// The target answered 401 or 403 to exchange.trial.
void note_refused_credential(Exchange& exchange, const Target& target);

// Lets the model's targets back in whose refused credential has been replaced.
void renew_credentials(Exchange& exchange, const Model& model);

}  // namespace kt::gateway
