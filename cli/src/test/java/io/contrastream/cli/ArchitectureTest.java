package io.contrastream.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Dependencies of all modules that the command line and a job are made of point one way. */
@AnalyzeClasses(
        packages = "io.contrastream",
        importOptions = {DoNotIncludeTests.class, ArchitectureTest.DoNotIncludeTestJars.class})
class ArchitectureTest {

    @ArchTest
    static final ArchRule THE_COMMAND_LINE_USES_JOBS_THESE_OPERATORS_AND_THESE_LEARNING = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("cli")
            .definedBy("io.contrastream.cli..")
            .layer("jobs")
            .definedBy("io.contrastream.jobs..")
            .layer("operators")
            .definedBy("io.contrastream.operators..")
            .layer("learning")
            .definedBy("io.contrastream.learning..")
            .layer("dashboard")
            .definedBy("io.contrastream.dashboard..")
            .layer("datasets")
            .definedBy("io.contrastream.datasets..")
            .layer("topics")
            .definedBy("io.contrastream.topics..")
            .layer("broker")
            .definedBy("io.contrastream.broker..")
            .layer("releases")
            .definedBy("io.contrastream.releases..")
            .layer("schemas")
            .definedBy("io.contrastream.schemas..")
            .optionalLayer("engines")
            .definedBy("io.contrastream.encoders..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("jobs")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("dashboard")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("datasets")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("topics")
            .mayOnlyBeAccessedByLayers("cli", "jobs", "dashboard")
            .whereLayer("broker")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("operators")
            .mayOnlyBeAccessedByLayers("cli", "jobs", "datasets", "dashboard")
            .whereLayer("learning")
            .mayOnlyBeAccessedByLayers("cli", "jobs", "datasets", "dashboard", "operators", "releases", "engines")
            .whereLayer("releases")
            .mayOnlyBeAccessedByLayers("cli", "jobs", "operators")
            .whereLayer("schemas")
            .mayOnlyBeAccessedByLayers("cli", "jobs", "datasets", "dashboard", "topics", "operators", "releases")
            .whereLayer("engines")
            .mayNotBeAccessedByAnyLayer();

    /** Bytes from outside become objects by parsers that know what to expect. */
    @ArchTest
    static final ArchRule NO_JAVA_DESERIALISATION = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.io.ObjectInputStream")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.apache.flink.util.InstantiationUtil");

    @ArchTest
    static final ArchRule LEARNING_KNOWS_THE_JDK_ONLY = noClasses()
            .that()
            .resideInAPackage("io.contrastream.learning..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("java..", "io.contrastream.learning..");

    @ArchTest
    static final ArchRule NO_NUMERICAL_LIBRARY_OUTSIDE_ENGINES = noClasses()
            .that()
            .resideOutsideOfPackage("io.contrastream.encoders..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.nd4j..", "org.deeplearning4j..", "org.bytedeco..");

    @ArchTest
    static final ArchRule PACKAGES_OF_THE_COMMAND_LINE_FORM_NO_CYCLES =
            slices().matching("io.contrastream.cli.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule WHAT_JOBS_SHARE_KNOWS_NO_JOB = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.contrastream.jobs.option..", "io.contrastream.jobs.kafka..", "io.contrastream.jobs.cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.contrastream.jobs.learning..");

    @ArchTest
    static final ArchRule PACKAGES_OF_JOBS_FORM_NO_CYCLES =
            slices().matching("io.contrastream.jobs.(*)..").should().beFreeOfCycles();

    /** Packaged, the tests of another module are in a jar of their own. */
    static final class DoNotIncludeTestJars implements ImportOption {

        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar") && !location.contains("testing");
        }
    }
}
