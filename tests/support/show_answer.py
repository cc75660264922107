"""Prints one HTTP answer in a few readable lines: status, our headers, and what matters of the body."""
import json, sys

status, head_path, body_path = sys.argv[1:4]
head = open(head_path, encoding="latin-1").read()
body = open(body_path, encoding="utf-8", errors="replace").read()
ours = [line.strip() for line in head.splitlines() if line.lower().startswith(("x-kt-target", "x-kt-attempts", "x-kt-verdict", "x-kt-policy", "x-kt-overhead-us"))]
print(f"  HTTP {status}  " + "  ".join(ours))
if body.startswith("data:"):
    for line in body.splitlines():
        if not line.startswith("data: "):
            continue
        data = line[6:]
        if data == "[DONE]":
            print("  [DONE]")
            continue
        event = json.loads(data)
        if "error" in event:
            print(f"  error {json.dumps(event['error'], ensure_ascii=False)}")
            continue
        text = "".join((choice.get("delta") or {}).get("content") or "" for choice in event["choices"])
        if text:
            print(f"  | {text}")
    sys.exit()
answer = json.loads(body)
if "error" in answer:
    print(f"  {json.dumps(answer['error'], ensure_ascii=False)}")
elif answer.get("data") and "embedding" in answer["data"][0]:
    vector = answer["data"][0]["embedding"]
    print(f"  {len(vector)} numbers: {vector[0]:.4f}, {vector[1]:.4f}, {vector[2]:.4f}, ...")
else:
    print(f"  {answer['choices'][0]['message']['content']}")
