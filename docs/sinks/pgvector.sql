-- The table that pgvector.properties fills. 512 is the size of resnet18's embeddings, 160 of resnet18-slim's, 2048 of resnet50's.
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE embeddings (
  id text PRIMARY KEY,
  label text,
  "nearestLabel" text,
  "nearestSimilarity" real,
  vector vector(512) NOT NULL,
  "encoderVersion" bigint NOT NULL,
  "eventTime" timestamp NOT NULL,
  "embeddedAt" timestamp NOT NULL,
  origin text NOT NULL,
  unknown boolean,
  "furtherLabels" text[] NOT NULL,
  "furtherNearestLabels" text[] NOT NULL,
  "furtherNearestSimilarities" real[] NOT NULL
);

-- Vectors have length 1: the inner product orders as the cosine does, and costs less.
CREATE INDEX ON embeddings USING hnsw (vector vector_ip_ops);
