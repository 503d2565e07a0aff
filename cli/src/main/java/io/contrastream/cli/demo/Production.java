package io.contrastream.cli.demo;

import io.contrastream.cli.produce.ImageSender;

/** A thread that sends a stream. */
final class Production implements AutoCloseable {

    private final ImageSender images;
    private final Thread thread;
    private volatile RuntimeException failure;

    /** Runs until all is sent. */
    @FunctionalInterface
    interface Task {
        void send() throws InterruptedException;
    }

    /** @param images what the task sends images with; closed with it */
    Production(ImageSender images, Task task) {
        this.images = images;
        this.thread = new Thread(() -> produce(task), "contrastream-demo-producer");
        thread.setDaemon(true);
    }

    private void produce(Task task) {
        try {
            task.send();
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
        return images.acknowledged();
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
        images.close();
    }
}
