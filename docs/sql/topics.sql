-- The topics as tables of Flink SQL. A tombstone deletes the row of its key.
CREATE FUNCTION decode_labelled_image AS 'io.contrastream.jobs.sql.DecodeLabelledImage';

CREATE FUNCTION decode_query AS 'io.contrastream.jobs.sql.DecodeQuery';

CREATE FUNCTION decode_embedding AS 'io.contrastream.jobs.sql.DecodeEmbedding';

CREATE FUNCTION decode_prototype AS 'io.contrastream.jobs.sql.DecodePrototype';

CREATE FUNCTION decode_report AS 'io.contrastream.jobs.sql.DecodeReport';

CREATE FUNCTION decode_release AS 'io.contrastream.jobs.sql.DecodeRelease';

CREATE FUNCTION decode_rejected AS 'io.contrastream.jobs.sql.DecodeRejected';

CREATE FUNCTION cosine AS 'io.contrastream.jobs.sql.Cosine';

-- The newest of every key.
CREATE TABLE labelled_images_topic (
  id STRING,
  record BYTES,
  PRIMARY KEY (id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'labelled-images',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'key.format' = 'raw',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY'
);

CREATE VIEW labelled_images AS
SELECT id, r.label, r.image, r.encoding, r.width, r.height, r.event_time, r.attributes, r.further_labels
FROM (SELECT id, decode_labelled_image(record) AS r FROM labelled_images_topic);

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
SELECT id, r.label, r.nearest_label, r.nearest_similarity, r.is_unknown, r.encoder_version, r.event_time, r.embedded_at, r.origin, r.vector,
  r.further_labels, r.further_nearest_labels, r.further_nearest_similarities
FROM (SELECT id, decode_embedding(record) AS r FROM embeddings_topic);

CREATE TABLE prototypes_topic (
  label STRING,
  record BYTES,
  PRIMARY KEY (label) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'prototypes',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'key.format' = 'raw',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY'
);

CREATE VIEW prototypes AS
SELECT label, r.vector, r.support, r.dispersion, r.encoder_version, r.updated_at
FROM (SELECT label, decode_prototype(record) AS r FROM prototypes_topic);

CREATE TABLE encoder_releases_topic (
  model STRING,
  record BYTES,
  PRIMARY KEY (model) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'encoder-releases',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'key.format' = 'raw',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY'
);

CREATE VIEW encoder_releases AS
SELECT model, r.encoder_version, r.uri, r.sha256, r.metrics, r.released_at
FROM (SELECT model, decode_release(record) AS r FROM encoder_releases_topic);

-- All of them.
CREATE TABLE image_queries_topic (
  record BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = 'image-queries',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'raw'
);

CREATE VIEW image_queries AS
SELECT r.id, r.image, r.encoding, r.width, r.height, r.event_time, r.attributes
FROM (SELECT decode_query(record) AS r FROM image_queries_topic);

CREATE TABLE learning_reports_topic (
  record BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = 'learning-reports',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'raw'
);

CREATE VIEW learning_reports AS
SELECT r.*
FROM (SELECT decode_report(record) AS r FROM learning_reports_topic);

CREATE TABLE rejected_images_topic (
  record BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = 'rejected-images',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.isolation.level' = 'read_committed',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'raw'
);

CREATE VIEW rejected_images AS
SELECT r.reason, r.message, r.`topic`, r.`partition`, r.`offset`, r.`timestamp`, r.`key`, r.headers, r.payload, r.payload_size, r.rejected_at
FROM (SELECT decode_rejected(record) AS r FROM rejected_images_topic);

-- The three classes that an image is nearest to, whichever version made its embedding: one of another version is comparable only approximately.
CREATE VIEW nearest_prototypes AS
SELECT id, label, place, similarity, encoder_version, prototype_version
FROM (
  SELECT e.id, p.label, cosine(e.vector, p.vector) AS similarity, e.encoder_version, p.encoder_version AS prototype_version,
    ROW_NUMBER() OVER (PARTITION BY e.id ORDER BY cosine(e.vector, p.vector) DESC) AS place
  FROM embeddings e CROSS JOIN prototypes p
)
WHERE place <= 3;

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
