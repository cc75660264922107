kt_embed(o200k_ranks src/tokens/o200k.ranks)
kt_embed(cl100k_ranks src/tokens/cl100k.ranks)
kt_embed(token_classes src/tokens/classes.ranges)
