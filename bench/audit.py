#!/usr/bin/env python3
"""What the audit trail costs: the same gateway without audit-logger and with it, in one run, interleaved. `bench/audit.py BUILD`; needs nginx and wrk."""
import run


def main():
    upstream = run.free_port()
    run.nginx(1, "upstream", f"server {{ listen 127.0.0.1:{upstream}; location / {{ return 200 '{run.REPLY}'; }} }}")
    run.wait_for(upstream)
    chain = ["pii-detector", "prompt-injection", "audit-logger"]
    subjects = {}
    for name, policies, durability in (("no policy", [], None), ("no policy, group", chain[2:], "group"), ("two policies", chain[:2], None),
                                       ("two policies, group", chain, "group")):
        process, port, _ = run.gateway(name.replace(" ", "-").replace(",", ""), upstream, policies, durability and {"audit-logger": {"durability": durability}})
        subjects[name] = (process, port, "/v1/chat/completions")
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": run.PROMPT}]}
    for some in (["no policy", "no policy, group"], ["two policies", "two policies, group"]):
        for connections in (32, 1):
            run.compare(f"{some[0]}, {connections} connections", {name: subjects[name] for name in some}, body, connections)


run.run(main)
