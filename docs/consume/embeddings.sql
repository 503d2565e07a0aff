-- The newest embedding of every image, as a table that follows the topic: a tombstone deletes its row.
CREATE FUNCTION decode_embedding AS 'io.contrastream.jobs.sql.DecodeEmbedding';

CREATE FUNCTION cosine AS 'io.contrastream.jobs.sql.Cosine';

CREATE TABLE embeddings_topic (
  id STRING,
  record BYTES,
  PRIMARY KEY (id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'embeddings',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'key.format' = 'raw',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY'
);

CREATE VIEW embeddings AS
SELECT id, e.label, e.nearest_label, e.nearest_similarity, e.is_unknown, e.encoder_version, e.event_time, e.vector
FROM (SELECT id, decode_embedding(record) AS e FROM embeddings_topic);

-- How sure the encoder is, by class and version.
CREATE VIEW classes AS
SELECT nearest_label, encoder_version, COUNT(*) AS images, AVG(nearest_similarity) AS similarity
FROM embeddings
WHERE nearest_label IS NOT NULL
GROUP BY nearest_label, encoder_version;

-- Pairs of images that are nearly the same, such as copies: of one version, since those of two are comparable only approximately.
CREATE VIEW duplicates AS
SELECT a.id AS id, b.id AS other_id, cosine(a.vector, b.vector) AS similarity
FROM embeddings a JOIN embeddings b ON a.encoder_version = b.encoder_version AND a.nearest_label = b.nearest_label
WHERE a.id < b.id AND cosine(a.vector, b.vector) > 0.99;
