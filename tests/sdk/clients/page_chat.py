from openai import OpenAI

# Standard OpenAI SDK — Keeptrusts routes to Azure deployment automatically
client = OpenAI(
    base_url="http://localhost:8080/v1",
    api_key="unused",  # auth handled by Keeptrusts via AZURE_OPENAI_API_KEY
)

response = client.chat.completions.create(
    model="gpt-4o",
    messages=[
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "What are the benefits of Azure AI services?"},
    ],
    temperature=0.7,
    max_tokens=512,
)

print(response.choices[0].message.content)
