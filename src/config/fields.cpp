// Every field of policy-config.yaml. The loader, `kt config schema` and docs/configuration.md are made from these tables.
#include <algorithm>

#include "config/spec.hpp"

namespace kt::config {
namespace {

using enum Type;
constexpr double kMaxSeconds = 86400, kMany = 1e15;

const ObjectSpec kPack{"pack", "Names this configuration.",
                       {{"name", string, "Name of the pack.", {}, true},
                        {"version", string, "Version of the pack, in SemVer.", {}, true},
                        {"enabled", boolean, "A disabled pack is refused: a gateway without its policies must not run by accident.", "true"},
                        {"description", string, "Free text.", "\"\""}}};

const ObjectSpec kDataPolicy{"data_policy", "What the provider does with data; metadata for filtering and audit.",
                             {{"zero_data_retention", boolean, "The provider keeps nothing."},
                              {"training_opt_out", boolean, "The provider does not train on the data."},
                              {.name = "retention_days", .type = integer, .doc = "Days the provider keeps data.", .min = 0, .max = 36500},
                              {"region", string, "Where the data is processed."}}};

const ObjectSpec kPricing{"pricing", "USD per one million tokens.",
                          {{.name = "input", .type = number, .doc = "Input tokens.", .fallback = "0", .min = 0, .max = 1e6},
                           {.name = "output", .type = number, .doc = "Output tokens.", .fallback = "0", .min = 0, .max = 1e6},
                           {.name = "cached_input", .type = number, .doc = "Input tokens from the provider's cache.", .min = 0, .max = 1e6},
                           {.name = "reasoning", .type = number, .doc = "Reasoning tokens.", .min = 0, .max = 1e6}}};

const ObjectSpec kHealthProbe{"health_probe", "Active probing in the background.",
                              {{"enabled", boolean, "Switches probing on.", "true"},
                               {.name = "interval_seconds", .type = number, .doc = "Time between probes.", .fallback = "30", .min = 1, .max = kMaxSeconds},
                               {.name = "timeout_seconds", .type = number, .doc = "Time for one probe.", .fallback = "5", .min = 0.1, .max = 600},
                               {"path", string, "Path to ask; empty = the provider's own.", "\"\""},
                               {.name = "healthy_threshold", .type = integer, .doc = "Good probes until healthy.", .fallback = "2", .min = 1, .max = 1000},
                               {.name = "unhealthy_threshold", .type = integer, .doc = "Bad probes until unhealthy.", .fallback = "3", .min = 1, .max = 1000}}};

const ObjectSpec kRateLimits{"rate_limits", "Limits per minute.",
                             {{.name = "rpm", .type = integer, .doc = "Requests per minute.", .min = 1, .max = kMany},
                              {.name = "tpm", .type = integer, .doc = "Tokens per minute.", .min = 1, .max = kMany},
                              {.name = "max_parallel_requests", .type = integer, .doc = "Requests in flight.", .min = 1, .max = kMany}}};

const ObjectSpec kTarget{
    "target", "One deployment that requests can go to.",
    {{"id", string, "Unique identifier.", {}, true},
     {.name = "provider", .type = string, .doc = "`azure-openai` or `openai`, or the shorthand `azure:chat:MODEL` / `openai:chat:MODEL`.", .required = true},
     {"model", string, "Model name that clients ask for. Required unless the provider shorthand names it.", "\"\""},
     {"base_url", string, "https URL of the resource (http to this machine only). Required for azure-openai; openai: `https://api.openai.com/v1`.", "\"\""},
     {"secret_key_ref", secret_ref, "Where the key comes from: one of `env`, `file`, `store`. Default: env `AZURE_OPENAI_API_KEY` or `OPENAI_API_KEY`."},
     {.name = "api_key", .type = string, .doc = "The key itself. Accepted with a warning: use `secret_key_ref`.", .secret = true},
     {"api_key_header", string, "Header for the key. Default: `api-key` (Azure), `Authorization` (OpenAI)."},
     {"api_key_prefix", string, "Text before the key. Default: none (Azure), `Bearer ` (OpenAI)."},
     {"azure_api_version", string, "Dated api-version, or `v1` for the /openai/v1 surface. Missing: `2024-10-21`, with a warning."},
     {"azure_deployment", string, "Deployment name. Default: the model."},
     {"azure_client_id", string, "Client id of a user-assigned managed identity.", "\"\""},
     {"azure_auth", azure_auth, "`managed_identity`, or an object with `type`, `client_id`, `tenant_id`, `secret_ref`, `scope`, `authority_host`."},
     {"path_template", string, "Path with `{deployment}` for gateways in front of Azure.", "\"\""},
     {.name = "timeout_seconds", .type = number, .doc = "Time for one attempt, not streamed.", .fallback = "60", .min = 0.1, .max = kMaxSeconds},
     {.name = "connect_timeout_seconds", .type = number, .doc = "Time to connect, TLS included.", .fallback = "5", .min = 0.1, .max = 600},
     {.name = "stream_timeout_seconds", .type = number, .doc = "Time for one streamed attempt. Default: none.", .min = 0.1, .max = kMaxSeconds},
     {.name = "first_token_timeout_seconds", .type = number, .doc = "Wait for the first byte of any answer. Default: `timeout_seconds`.", .min = 0.1, .max = kMaxSeconds},
     {.name = "stream_idle_timeout_seconds", .type = number, .doc = "Wait between events of a stream. Default: `timeout_seconds`.", .min = 0.1, .max = kMaxSeconds},
     {.name = "max_context_tokens", .type = integer, .doc = "Context window. Default: by model name.", .min = 1, .max = kMany},
     {.name = "headers", .type = map, .doc = "Further headers for each request.", .item = string, .secret = true},
     {.name = "format", .type = string, .doc = "Wire format.", .fallback = "\"openai\"", .values = {"openai"}},
     {"provider_type", string, "Explicit provider type; informational.", "\"\""},
     {"description", string, "Free text.", "\"\""},
     {.name = "weight", .type = number, .doc = "Share under weighted strategies.", .fallback = "1", .min = 0, .max = 1e6},
     {.name = "priority", .type = integer, .doc = "Group under strategy `priority`; lower goes first.", .fallback = "0", .min = 0, .max = 1000},
     {.name = "aliases", .type = list, .doc = "Further names clients may ask for.", .fallback = "[]", .item = string},
     {.name = "data_policy", .type = object, .doc = "What the provider does with data.", .object = &kDataPolicy},
     {"zdr", boolean, "Zero data retention is agreed for this target.", "false"},
     {"data_collection", string, "The provider's data collection setting; informational.", "\"\""},
     {.name = "pricing", .type = object, .doc = "Prices for cost tracking.", .object = &kPricing},
     {.name = "health_probe", .type = object, .doc = "Active probing.", .object = &kHealthProbe},
     {.name = "rate_limits", .type = object, .doc = "This target's limits.", .object = &kRateLimits}}};

const std::vector<std::string_view> kStrategies{"single", "ordered", "fallback", "round_robin", "weighted_round_robin", "lowest_latency", "highest_throughput",
                                                "random", "least_busy", "lowest_cost", "cost", "priority", "sticky", "mirror"};

const ObjectSpec kHedge{"hedge", "A second attempt when the first token is late.", {{.name = "after", .type = string, .doc = "Percentile of the time to first token.", .required = true, .values = {"p50", "p90", "p95", "p99"}}}};

const ObjectSpec kRouting{"routing", "How a target is chosen.",
                          {{.name = "strategy", .type = string, .doc = "Strategy; wins over `providers.strategy`.", .fallback = "\"\"", .values = kStrategies},
                           {.name = "window_seconds", .type = number, .doc = "Window of the statistics.", .fallback = "60", .min = 1, .max = kMaxSeconds},
                           {.name = "min_sample_count", .type = integer, .doc = "Samples before a statistic counts.", .fallback = "5", .min = 1, .max = 1e6},
                           {.name = "sticky_by", .type = string, .doc = "sticky: what sticks.", .fallback = "\"user\"", .values = {"user", "conversation"}},
                           {"mirror_target", string, "mirror: target that gets a copy.", "\"\""},
                           {.name = "sample_rate", .type = number, .doc = "mirror: share of requests.", .fallback = "1", .min = 0, .max = 1},
                           {.name = "timeout_ms", .type = integer, .doc = "mirror: time for the copy.", .fallback = "5000", .min = 1, .max = 600000},
                           {.name = "hedge", .type = object, .doc = "Hedging of the first token; off by default.", .object = &kHedge}}};

const ObjectSpec kFallback{"fallback", "Failover between targets of a model. Presence means enabled.",
                           {{"enabled", boolean, "Switches it.", "true"},
                            {.name = "triggers", .type = list, .doc = "What leads to another target.", .fallback = "[]",
                             .values = {"rate_limit", "rate_limit_exceeded", "timeout", "server_error", "service_unavailable", "5xx", "connection_error"}, .item = string},
                            {.name = "max_fallback_attempts", .type = integer, .doc = "Further targets to try.", .fallback = "3", .min = 0, .max = 100},
                            {.name = "content_policy", .type = string, .doc = "After a content-filter answer.", .fallback = "\"stop\"", .values = {"stop"}},
                            {.name = "context_window", .type = string, .doc = "When a prompt fits no target: abort, or the next larger one.", .fallback = "\"abort\"", .values = {"abort", "next_larger"}}}};

const ObjectSpec kRetry{"retry", "Retries on the same target. Presence means enabled.",
                        {{"enabled", boolean, "Switches it.", "true"},
                         {.name = "max_attempts", .type = integer, .doc = "Attempts in all.", .fallback = "2", .min = 1, .max = 10},
                         {.name = "initial_delay_ms", .type = integer, .doc = "First wait.", .fallback = "500", .min = 0, .max = 600000},
                         {.name = "max_delay_ms", .type = integer, .doc = "Longest wait.", .fallback = "10000", .min = 0, .max = 600000},
                         {.name = "backoff_multiplier", .type = number, .doc = "Growth of the wait.", .fallback = "2", .min = 1, .max = 100},
                         {"jitter", boolean, "Spreads the waits.", "true"},
                         {.name = "retryable_status_codes", .type = list, .doc = "Statuses that are retried.", .fallback = "[408,429,500,502,503,504]", .min = 400, .max = 599, .item = integer},
                         {.name = "budget_ratio", .type = number, .doc = "Retries per request, over all traffic.", .fallback = "0.1", .min = 0, .max = 1}}};

const ObjectSpec kBreaker{"circuit_breaker", "Takes failing targets out. Presence means enabled.",
                          {{"enabled", boolean, "Switches it.", "true"},
                           {.name = "failure_threshold", .type = integer, .doc = "Failures in a row until open.", .fallback = "5", .min = 1, .max = 10000},
                           {.name = "cooldown_seconds", .type = number, .doc = "Time until a trial request.", .fallback = "30", .min = 0.1, .max = kMaxSeconds},
                           {.name = "half_open_max_requests", .type = integer, .doc = "Trial requests at a time.", .fallback = "1", .min = 1, .max = 1000}}};

const ObjectSpec kProviders{"providers", "Targets and how they are chosen.",
                            {{.name = "strategy", .type = string, .doc = "Strategy. Several targets and none given: in listed order with failover.", .fallback = "\"\"", .values = kStrategies},
                             {.name = "targets", .type = list, .doc = "The targets.", .required = true, .object = &kTarget, .item = object},
                             {.name = "routing", .type = object, .doc = "Strategy with options.", .object = &kRouting},
                             {.name = "fallback", .type = object, .doc = "Failover.", .object = &kFallback},
                             {.name = "retry", .type = object, .doc = "Retries.", .object = &kRetry},
                             {.name = "circuit_breaker", .type = object, .doc = "Circuit breaker.", .object = &kBreaker},
                             {.name = "health_monitor", .type = object, .doc = "Defaults of every `health_probe`.", .object = &kHealthProbe}}};

const ObjectSpec kModelGroup{"model_group", "Targets of different models under one name.",
                             {{"name", string, "Name that clients ask for.", {}, true},
                              {.name = "targets", .type = list, .doc = "Target ids.", .required = true, .item = string},
                              {.name = "aliases", .type = list, .doc = "Further names.", .fallback = "[]", .item = string},
                              {.name = "strategy", .type = string, .doc = "Strategy inside the group.", .fallback = "\"\"", .values = kStrategies},
                              {.name = "weights", .type = map, .doc = "Weight by target id.", .min = 0, .max = 1e6, .item = number},
                              {"fallback_group", string, "Group to go on with when all targets fail.", "\"\""}}};

const FieldSpec kMaxRequests{.name = "max_requests", .type = integer, .doc = "Requests in the window.", .required = true, .min = 1, .max = kMany};
const FieldSpec kWindow{.name = "window_seconds", .type = number, .doc = "Length of the sliding window.", .required = true, .min = 1, .max = kMaxSeconds};
const FieldSpec kEnabled{"enabled", boolean, "Switches it.", "true"};
const FieldSpec kProxyDepth{.name = "trust_proxy_depth", .type = integer, .doc = "Proxies in front whose X-Forwarded-For is believed.", .fallback = "0", .min = 0, .max = 16};
const ObjectSpec kGlobalLimit{"global_rate_limit", "Requests over everybody.", {kEnabled, kMaxRequests, kWindow}};
const ObjectSpec kIpLimit{"ip_rate_limit", "Requests per client address.", {kEnabled, kMaxRequests, kWindow, kProxyDepth}};
const ObjectSpec kUserLimit{"user_rate_limit", "Requests per user header.", {kEnabled, kMaxRequests, kWindow, {.name = "header_names", .type = list, .doc = "Headers that name the user.", .fallback = "[\"x-user-id\"]", .item = string}}};
const ObjectSpec kTokenLimit{"token_rate_limit", "Tokens in a window.",
                             {kEnabled, {.name = "max_tokens", .type = integer, .doc = "Tokens in the window.", .required = true, .min = 1, .max = kMany}, kWindow,
                              {.name = "scope", .type = string, .doc = "Who shares the window.", .fallback = "\"global\"", .values = {"global", "ip", "user", "consumer"}}}};

const ObjectSpec kSizes{"size_limits", "Sizes in bytes.",
                        {{.name = "max_body_bytes", .type = integer, .doc = "Request body.", .fallback = "67108864", .min = 1024, .max = 4e9},
                         {.name = "max_response_bytes", .type = integer, .doc = "Plain reply, and one event of a stream.", .fallback = "67108864", .min = 1024, .max = 4e9},
                         {.name = "max_header_bytes", .type = integer, .doc = "Request head.", .fallback = "16384", .min = 1024, .max = 1048576}}};

const ObjectSpec kAllowlist{"ip_allowlist", "Who may connect.", {kEnabled, {.name = "cidrs", .type = list, .doc = "Networks, like 10.0.0.0/8.", .required = true, .item = string}, kProxyDepth}};

const ObjectSpec kCors{"cors", "Answers to browsers.",
                       {kEnabled, {.name = "allow_origins", .type = list, .doc = "Origins, or `*`.", .fallback = "[]", .item = string},
                        {.name = "allow_methods", .type = list, .doc = "Methods.", .fallback = "[\"GET\",\"POST\"]", .item = string},
                        {.name = "allow_headers", .type = list, .doc = "Request headers.", .fallback = "[]", .item = string},
                        {.name = "expose_headers", .type = list, .doc = "Response headers a page may read.", .fallback = "[]", .item = string},
                        {"credentials", boolean, "Allow credentials.", "false"},
                        {.name = "max_age", .type = integer, .doc = "Seconds a browser may keep the answer.", .fallback = "600", .min = 0, .max = 86400}}};

const ObjectSpec kCallback{"callback", "Where telemetry goes.",
                           {{.name = "type", .type = string, .doc = "Kind.", .required = true, .values = {"prometheus", "otlp"}},
                            {"endpoint", string, "otlp: URL of the collector.", "\"\""},
                            {.name = "headers", .type = map, .doc = "otlp: headers.", .item = string, .secret = true},
                            {.name = "signals", .type = list, .doc = "otlp: what is sent.", .fallback = "[]", .values = {"logs", "metrics", "traces"}, .item = string}}};

const ObjectSpec kBudget{"budget", "What a consumer may spend.",
                         {{.name = "daily_usd", .type = number, .doc = "USD a day.", .min = 0, .max = 1e9},
                          {.name = "monthly_usd", .type = number, .doc = "USD a month.", .min = 0, .max = 1e9},
                          {.name = "daily_tokens", .type = integer, .doc = "Tokens a day.", .min = 1, .max = kMany},
                          {.name = "monthly_tokens", .type = integer, .doc = "Tokens a month.", .min = 1, .max = kMany}}};

const ObjectSpec kConsumer{"consumer", "A client key.",
                           {{"id", string, "Name in records.", {}, true},
                            {.name = "key_ref", .type = secret_ref, .doc = "`env`, `file`, or `sha256` of the key.", .required = true},
                            {.name = "models", .type = list, .doc = "Models allowed; empty = all.", .fallback = "[]", .item = string},
                            {.name = "rate_limits", .type = object, .doc = "Own limits.", .object = &kRateLimits},
                            {.name = "budget", .type = object, .doc = "Own budget.", .object = &kBudget}}};

const ObjectSpec kAdmin{"admin", "Who may use /keeptrusts/*.", {{"token_ref", secret_ref, "Where the admin token comes from. None: only this machine."}, {"allow_remote", boolean, "Lets other machines in (with the token).", "false"}}};

const ObjectSpec kGateway{
    "gateway", "The gateway itself.",
    {{.name = "block_status_code", .type = integer, .doc = "Status of a verdict that blocks.", .fallback = "409", .min = 400, .max = 499},
     {.name = "request_deadline_seconds", .type = number, .doc = "Bound over all attempts. Default: none.", .min = 0.1, .max = kMaxSeconds},
     {.name = "drain_seconds", .type = number, .doc = "Time for running exchanges at shutdown.", .fallback = "30", .min = 0, .max = 3600},
     {.name = "admin", .type = object, .doc = "Admin access.", .object = &kAdmin},
     {.name = "header_timeout_seconds", .type = number, .doc = "Time for a request head.", .fallback = "10", .min = 0.1, .max = 600},
     {.name = "body_timeout_seconds", .type = number, .doc = "Longest pause inside a request body.", .fallback = "60", .min = 0.1, .max = 3600},
     {.name = "idle_timeout_seconds", .type = number, .doc = "Idle client connections.", .fallback = "60", .min = 0.1, .max = 3600},
     {.name = "write_timeout_seconds", .type = number, .doc = "A client that does not read.", .fallback = "30", .min = 0.1, .max = 3600},
     {.name = "upstream_idle_seconds", .type = number, .doc = "Idle upstream connections.", .fallback = "60", .min = 1, .max = 3600},
     {.name = "dns_ttl_seconds", .type = number, .doc = "How long an address is used.", .fallback = "60", .min = 1, .max = 3600},
     {.name = "dns_timeout_seconds", .type = number, .doc = "Time for a name lookup.", .fallback = "5", .min = 0.1, .max = 60},
     {.name = "keepalive_comment_seconds", .type = number, .doc = "SSE comment to the client while the upstream is silent.", .fallback = "15", .min = 0.1, .max = 3600},
     {.name = "max_json_depth", .type = integer, .doc = "Nesting of request bodies.", .fallback = "64", .min = 8, .max = 512}}};

const ObjectSpec kPolicies{"policies", "Which policies run, in order.", {{.name = "chain", .type = list, .doc = "Kinds in execution order.", .fallback = "[]", .item = string}}};

const ObjectSpec kRoot{"policy-config.yaml", "The whole file.",
                       {{.name = "pack", .type = object, .doc = "Name and version.", .required = true, .object = &kPack},
                        {.name = "policies", .type = object, .doc = "The chain. `policy` may also stand below it.", .object = &kPolicies},
                        {.name = "policy", .type = map, .doc = "Settings by kind.", .item = any},
                        {.name = "providers", .type = object, .doc = "Targets.", .required = true, .object = &kProviders},
                        {.name = "model_groups", .type = list, .doc = "Groups of targets under one name.", .fallback = "[]", .object = &kModelGroup, .item = object},
                        {.name = "provider_routing", .type = object, .doc = "The same as `providers.routing`.", .object = &kRouting},
                        {.name = "provider_fallback", .type = object, .doc = "The same as `providers.fallback`.", .object = &kFallback},
                        {.name = "health_monitor", .type = object, .doc = "The same as `providers.health_monitor`.", .object = &kHealthProbe},
                        {.name = "global_rate_limit", .type = object, .doc = "Requests over everybody.", .object = &kGlobalLimit},
                        {.name = "ip_rate_limit", .type = object, .doc = "Requests per address.", .object = &kIpLimit},
                        {.name = "user_rate_limit", .type = object, .doc = "Requests per user.", .object = &kUserLimit},
                        {.name = "token_rate_limit", .type = object, .doc = "Tokens.", .object = &kTokenLimit},
                        {.name = "size_limits", .type = object, .doc = "Sizes.", .object = &kSizes},
                        {.name = "ip_allowlist", .type = object, .doc = "Who may connect.", .object = &kAllowlist},
                        {.name = "cors", .type = object, .doc = "Browsers.", .object = &kCors},
                        {.name = "callbacks", .type = list, .doc = "Telemetry.", .fallback = "[]", .object = &kCallback, .item = object},
                        {.name = "consumers", .type = list, .doc = "Client keys.", .fallback = "[]", .object = &kConsumer, .item = object},
                        {.name = "gateway", .type = object, .doc = "The gateway itself.", .object = &kGateway},
                        {.name = "testing", .type = any, .doc = "Suites for `kt policy test`."}}};

const FieldSpec kStreaming{.name = "streaming_mode", .type = string, .doc = "realtime: per chunk; buffered: the whole reply first.", .fallback = "\"realtime\"", .values = {"realtime", "buffered"}};
const FieldSpec kEnforce{"enforce", boolean, "false: judged and recorded, not applied.", "true"};

FieldSpec action(std::string_view fallback, std::vector<std::string_view> values) {
  return {.name = "action", .type = string, .doc = "What a hit does.", .fallback = fallback, .values = std::move(values)};
}

const ObjectSpec kDetection{"detection", "Detection.", {{.name = "attack_patterns", .type = list, .doc = "Further patterns (RE2).", .fallback = "[]", .item = string}, {.name = "embedding_threshold", .type = number, .doc = "No effect without an embedding model.", .min = 0, .max = 1}}};
const ObjectSpec kEncoding{"encoding", "Disguises that are undone before judging.", {{"decode_base64", boolean, "Decoded views.", "true"}, {"normalize_unicode", boolean, "Unicode normalisation.", "true"}, {"detect_homoglyphs", boolean, "Look-alike letters.", "true"}}};
const ObjectSpec kBoundaries{"boundaries", "Structural signals.", {{"enforce_delimiters", boolean, "Delimiter confusion.", "true"}, {"reject_fake_boundaries", boolean, "Fake roles and template tokens.", "true"}}};
const ObjectSpec kResponse{"response", "The answer.", {action("\"block\"", {"block", "log", "escalate"}), {"message", string, "Message of the answer.", "\"\""}, {.name = "log_level", .type = string, .doc = "Level of the log line.", .fallback = "\"warn\"", .values = {"debug", "info", "warn", "error"}}}};
const ObjectSpec kInjection{"prompt-injection", "Attempts to override, extract or jailbreak.",
                            {{.name = "threshold", .type = number, .doc = "Score that counts as an attack; 0.8 = 1 % false positives on ordinary prompts.", .fallback = "0.8", .min = 0, .max = 1},
                             action("\"block\"", {"block", "log", "escalate"}),
                             {.name = "detection", .type = object, .doc = "Detection.", .object = &kDetection},
                             {.name = "encoding", .type = object, .doc = "Disguises.", .object = &kEncoding},
                             {.name = "boundaries", .type = object, .doc = "Structure.", .object = &kBoundaries},
                             {.name = "response", .type = object, .doc = "Answer.", .object = &kResponse}, kStreaming, kEnforce}};

const ObjectSpec kRedaction{"redaction", "How found values are replaced.",
                            {{.name = "marker_format", .type = string, .doc = "Marker.", .fallback = "\"label\"", .values = {"label", "asterisks", "partial"}},
                             {"include_metadata", boolean, "Types and counts into the record.", "true"},
                             {"preserve_length", boolean, "Markers as long as the value.", "false"},
                             {.name = "custom_markers", .type = map, .doc = "Marker by entity.", .item = string},
                             {"restore", boolean, "Numbered markers on the way in, the values put back into the reply.", "false"}}};
const ObjectSpec kPii{"pii-detector", "Personal data and secrets.",
                      {action("\"redact\"", {"redact", "block"}), {"healthcare_mode", boolean, "MRN, insurance id, NPI.", "false"}, {"pci_mode", boolean, "Card data.", "true"},
                       {.name = "detect_patterns", .type = list, .doc = "Further patterns (RE2), marker [CUSTOM].", .fallback = "[]", .item = string},
                       {.name = "entities", .type = list, .doc = "Only these; empty = all.", .fallback = "[]", .item = string},
                       {.name = "redaction", .type = object, .doc = "Replacement.", .object = &kRedaction}, kStreaming, kEnforce}};

const FieldSpec kFuzzy{"fuzzy_matching", boolean, "Allows spelling differences.", "false"};
const ObjectSpec kSafety{"safety-filter", "Unsafe text.",
                         {{.name = "mode", .type = string, .doc = "Term sets; strict = all.", .fallback = "\"critical_infrastructure\"", .values = {"critical_infrastructure", "automotive", "education", "law_enforcement", "strict"}},
                          {.name = "block_if", .type = list, .doc = "Further terms.", .fallback = "[]", .item = string}, action("\"block\"", {"block", "escalate"}), kFuzzy,
                          {.name = "max_distance", .type = integer, .doc = "Edits allowed.", .fallback = "1", .min = 0, .max = 8},
                          {.name = "max_age", .type = integer, .doc = "No effect without an age source.", .fallback = "0", .min = 0, .max = 150}, kStreaming, kEnforce}};
const ObjectSpec kDlp{"dlp-filter", "Terms and patterns that must not leave.",
                      {{.name = "detect_patterns", .type = list, .doc = "Patterns (RE2).", .fallback = "[]", .item = string}, {.name = "blocked_terms", .type = list, .doc = "Terms.", .fallback = "[]", .item = string},
                       action("\"redact\"", {"redact", "block"}), kFuzzy, {.name = "max_distance", .type = integer, .doc = "Edits allowed.", .fallback = "1", .min = 0, .max = 8},
                       {.name = "sensitivity_level", .type = string, .doc = "Width of the built-in rules.", .fallback = "\"medium\"", .values = {"low", "medium", "high"}}, kStreaming, kEnforce}};
const ObjectSpec kAudit{"audit-logger", "The audit trail.",
                        {{"immutable", boolean, "Chained and signed.", "true"}, {.name = "retention_days", .type = integer, .doc = "Days records are kept.", .fallback = "365", .min = 1, .max = 36500},
                         {"hipaa_audit_controls", boolean, "Authenticated user and data categories.", "false"}, {"log_all_access", boolean, "false: only non-allow verdicts and errors.", "true"}, kStreaming, kEnforce}};
const ObjectSpec kDataRouting{"data-routing-policy", "Filters targets before routing.",
                              {{"require_zero_data_retention", boolean, "Only targets without retention.", "false"}, {"require_no_training", boolean, "Only targets that do not train.", "false"},
                               {.name = "max_retention_days", .type = integer, .doc = "Longest retention.", .min = 0, .max = 36500}, {.name = "allowed_regions", .type = list, .doc = "Regions; empty = all.", .fallback = "[]", .item = string},
                               {.name = "on_no_compliant_provider", .type = string, .doc = "Nothing left.", .fallback = "\"block\"", .values = {"block"}}, {"log_provider_selection", boolean, "The choice into the record.", "true"}, kStreaming, kEnforce}};

}  // namespace

const FieldSpec* ObjectSpec::find(std::string_view field) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const FieldSpec& each) { return each.name == field; });
  return found == fields.end() ? nullptr : &*found;
}

const ObjectSpec& root_spec() { return kRoot; }

const std::vector<PolicySpec>& policy_specs() {
  static const std::vector<PolicySpec> specs{{"prompt-injection", &kInjection, false}, {"pii-detector", &kPii, false},   {"safety-filter", &kSafety, false},
                                             {"dlp-filter", &kDlp, false},             {"audit-logger", &kAudit, false}, {"data-routing-policy", &kDataRouting, false}};
  return specs;
}

const PolicySpec* find_policy(std::string_view kind) {
  const auto& specs = policy_specs();
  const auto found = std::find_if(specs.begin(), specs.end(), [&](const PolicySpec& each) { return each.kind == kind; });
  return found == specs.end() ? nullptr : &*found;
}

const std::vector<std::string_view>& foreign_policies() {
  static const std::vector<std::string_view> kinds{"rbac", "agent-firewall", "tool-validation", "external-moderation", "language-validator", "bot-detector", "citation-verifier",
                                                   "hipaa-phi-detector", "financial-compliance", "quality-scorer", "human-oversight", "entity-list-filter", "tool-budget", "flow-control"};
  return kinds;
}

}  // namespace kt::config
