#pragma once
// What an API call is about, whatever its URL looked like.

namespace kt::llm {

enum class Endpoint : unsigned char {
  chat,
  completions,
  embeddings,
  responses,
  images_generations,
  images_edits,
  audio_transcriptions,
  audio_translations,
  audio_speech,
  models,
};

}  // namespace kt::llm
