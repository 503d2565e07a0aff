package io.contrastream.cli.demo;

import io.contrastream.cli.produce.ImageSender;
import io.contrastream.datasets.ImageStream;

/** A thread that sends a stream. */
final class Production implements AutoCloseable {

    private final ImageSender sender;
    private final Thread thread;
    private volatile RuntimeException failure;

    Production(ImageSender sender, String source, ImageStream stream) {
        this.sender = sender;
        this.thread = new Thread(() -> produce(source, stream), "contrastream-demo-producer");
        thread.setDaemon(true);
    }

    private void produce(String source, ImageStream stream) {
        try {
            sender.send(source, stream, ImageSender.UNLIMITED);
        } catch (InterruptedException closed) {
            // Nobody waits for the rest.
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /** Begins; returns when that was. */
    long start() {
        long now = System.nanoTime();
        thread.start();
        return now;
    }

    /** Images that Kafka has acknowledged. */
    long sent() {
        return sender.acknowledged();
    }

    /** Throws what went wrong, if something did. */
    void requireHealthy() {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sender.close();
    }
}
