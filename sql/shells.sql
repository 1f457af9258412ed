CREATE TYPE @type@;
