import io.contrastream.broker.EmbeddedBroker;

/** A broker for the checks in Python: says its address, and ends when its input does. */
class Broker {
    public static void main(String[] arguments) throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            System.out.println(broker.bootstrapServers());
            System.in.read();
        }
        System.exit(0);
    }
}
