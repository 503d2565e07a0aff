package io.contrastream.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The JobManager's REST interface. */
public final class FlinkRest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI root;

    /** That of the JobManager at a port of this machine. */
    public FlinkRest(int port) {
        this.root = URI.create("http://localhost:" + port + "/v1/");
    }

    /** Whether the JobManager is there. */
    public boolean answers() throws InterruptedException {
        try {
            get("overview");
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Ids of the registered TaskManagers. */
    public Set<String> taskManagers() throws IOException, InterruptedException {
        Set<String> ids = new TreeSet<>();
        get("taskmanagers")
                .get("taskmanagers")
                .forEach(one -> ids.add(one.get("id").asText()));
        return ids;
    }

    /** Flink's word for how a job is, such as RUNNING. */
    public String status(String job) throws IOException, InterruptedException {
        return get("jobs/" + job).get("state").asText();
    }

    /** Whether a job runs with all of its tasks. */
    public boolean runs(String job) throws IOException, InterruptedException {
        for (JsonNode vertex : get("jobs/" + job).get("vertices")) {
            if (!vertex.get("status").asText().equals("RUNNING")) {
                return false;
            }
        }
        return status(job).equals("RUNNING");
    }

    /** Id of the TaskManager that runs the first subtask of the task whose name has a text in it. */
    public String taskManagerOf(String job, String task) throws IOException, InterruptedException {
        return get("jobs/" + job + "/vertices/" + vertex(job, task))
                .at("/subtasks/0/taskmanager-id")
                .asText();
    }

    /** A metric, summed over the subtasks of the task whose name has a text in it; NaN if there is none yet. */
    public double metric(String job, String task, String operator, String name)
            throws IOException, InterruptedException {
        JsonNode metrics = get("jobs/" + job + "/vertices/" + vertex(job, task) + "/subtasks/metrics?get=" + operator
                + "." + name + "&agg=sum");
        return metrics.isEmpty() ? Double.NaN : metrics.get(0).get("sum").asDouble();
    }

    /** The failure that Flink reports of a job with the trace of its causes; empty if there is none. */
    public String failure(String job) throws IOException, InterruptedException {
        StringBuilder failures = new StringBuilder();
        get("jobs/" + job + "/exceptions")
                .at("/exceptionHistory/entries")
                .forEach(entry -> failures.append(entry.get("stacktrace").asText()));
        return failures.toString();
    }

    /** Number of parallel subtasks of the task whose name has a text in it. */
    public int parallelism(String job, String task) throws IOException, InterruptedException {
        return get("jobs/" + job + "/vertices/" + vertex(job, task))
                .get("parallelism")
                .asInt();
    }

    /** Number of restarts of a job since it was submitted. */
    public long restarts(String job) throws IOException, InterruptedException {
        return get("jobs/" + job + "/metrics?get=numRestarts").at("/0/value").asLong();
    }

    public void cancel(String job) throws Exception {
        send(request("jobs/" + job + "?mode=cancel").method("PATCH", BodyPublishers.noBody()));
        Await.until("job " + job + " is cancelled", () -> status(job).equals("CANCELED"));
    }

    /**
     * Stops a job with a savepoint, without an end of input, and returns when it has ended.
     *
     * @return URI of the savepoint
     */
    public String stopWithSavepoint(String job, Path folder) throws Exception {
        String savepoint = savepoint(job, folder, "stop", "drain");
        Await.until("job " + job + " has ended", () -> status(job).equals("FINISHED"));
        return savepoint;
    }

    /**
     * Takes a savepoint of a job that goes on.
     *
     * @return its URI
     */
    public String savepoint(String job, Path folder) throws Exception {
        return savepoint(job, folder, "savepoints", "cancel-job");
    }

    /** @param not what is not to be done with the job */
    private String savepoint(String job, Path folder, String what, String not) throws Exception {
        ObjectNode body = JSON.createObjectNode().put(not, false);
        // The one request spells it otherwise than the other.
        body.put(
                what.equals("stop") ? "targetDirectory" : "target-directory",
                folder.toUri().toString());
        String path = "jobs/" + job + "/savepoints/"
                + post("jobs/" + job + "/" + what, body).get("request-id").asText();
        Await.until(
                "there is a savepoint of job " + job,
                () -> get(path).at("/status/id").asText().equals("COMPLETED"));
        JsonNode operation = get(path).get("operation");
        if (!operation.has("location")) {
            throw new AssertionError("no savepoint: " + operation);
        }
        return operation.get("location").asText();
    }

    /** Hands a jar over and returns the id under which it can be run as often as the JobManager lives. */
    public String upload(Path jar) throws IOException, InterruptedException {
        String boundary = "----part";
        JsonNode answer = send(request("jars/upload")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.concat(
                        BodyPublishers.ofString(
                                "--" + boundary + "\r\nContent-Disposition: form-data; name=\"jarfile\";"
                                        + " filename=\"job.jar\"\r\nContent-Type: application/java-archive\r\n\r\n"),
                        BodyPublishers.ofByteArray(Files.readAllBytes(jar)),
                        BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"))));
        return Path.of(answer.get("filename").asText()).getFileName().toString();
    }

    /**
     * Runs a jar that was handed over.
     *
     * @param savepoint URI of the savepoint or checkpoint to start from; empty for none
     * @return id of the job
     */
    public String run(String jar, String savepoint, List<String> arguments) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode();
        arguments.forEach(body.putArray("programArgsList")::add);
        if (!savepoint.isEmpty()) {
            body.put("savepointPath", savepoint);
        }
        return post("jars/" + jar + "/run", body).get("jobid").asText();
    }

    /** @throws IOException if there is no answer, or one that tells of a failure */
    public JsonNode get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    private JsonNode post(String path, JsonNode body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
    }

    private String vertex(String job, String task) throws IOException, InterruptedException {
        for (JsonNode vertex : get("jobs/" + job).get("vertices")) {
            if (vertex.get("name").asText().contains(task)) {
                return vertex.get("id").asText();
            }
        }
        throw new AssertionError("job " + job + " has no task " + task);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(root.resolve(path)).timeout(PATIENCE);
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        var response = client.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(response.uri() + ": " + response.statusCode() + " " + response.body());
        }
        return JSON.readTree(response.body());
    }
}
