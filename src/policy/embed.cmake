kt_embed(injection_model src/policy/injection.model)
