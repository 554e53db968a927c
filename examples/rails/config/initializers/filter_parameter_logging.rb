Rails.application.config.filter_parameters += %i[password token]
