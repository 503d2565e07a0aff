import io.contrastream.cli.Contrastream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Whether the command line understands commands, without running them: of {@code docs/check}, a command a line on its input, with a tab
 * between words; on its output, a line for each: empty, or the reason why it is not understood.
 */
final class Commands {

    private Commands() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            CommandLine line = Contrastream.commandLine();
            try {
                CommandLine.ParseResult parsed = line.parseArgs(command.split("\t", -1));
                boolean alone = !parsed.hasSubcommand() && !parsed.isUsageHelpRequested();
                System.out.println(alone ? "a command is missing" : "");
            } catch (ParameterException e) {
                System.out.println(e.getMessage().replaceAll("\\s+", " "));
            }
        }
    }
}
