#!lua flags=no-writes
-- The processes whose lease is not over.
return redis.call('ZRANGE', KEYS[1], '(' .. text(now_ms()), '+inf', 'BYSCORE')
