package io.contrastream.operators;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.contrastream.operators", importOptions = DoNotIncludeTests.class)
class DependenciesTest {

    @ArchTest
    static final ArchRule DEPENDS_ON_OUR_OWN_LIBRARIES_AND_FLINK_ALONE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.contrastream.operators..",
                    "io.contrastream.learning..",
                    "io.contrastream.releases..",
                    "io.contrastream.embedding..",
                    "io.contrastream.schemas..",
                    "org.apache.flink..",
                    "org.apache.avro..",
                    "org.rocksdb..",
                    "org.slf4j..",
                    "java..",
                    "javax.imageio..");

    @ArchTest
    static final ArchRule KNOWS_NEITHER_KAFKA_NOR_AN_ENGINE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.kafka..",
                    "org.apache.flink.connector..",
                    "io.contrastream.encoders..",
                    "org.nd4j..",
                    "org.deeplearning4j..",
                    "org.bytedeco..");

    @ArchTest
    static final ArchRule LEARNING_DOES_NOT_KNOW_DECODING = noClasses()
            .that()
            .resideInAPackage("..operators.learn..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..operators.decode..");

    @ArchTest
    static final ArchRule DECODING_DOES_NOT_KNOW_LEARNING = noClasses()
            .that()
            .resideInAPackage("..operators.decode..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..operators.learn..");

    @ArchTest
    static final ArchRule PACKAGES_DEPEND_ON_EACH_OTHER_ONE_WAY =
            slices().matching("io.contrastream.(**)").should().beFreeOfCycles();
}
