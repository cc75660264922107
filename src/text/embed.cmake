kt_embed(fold_table src/text/fold.bin)
