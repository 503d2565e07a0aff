package io.contrastream.topics;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.contrastream.topics", importOptions = DoNotIncludeTests.class)
class DependenciesTest {

    @ArchTest
    static final ArchRule KNOWS_SCHEMAS_AND_KAFKA_AND_NOT_FLINK = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.contrastream.topics..",
                    "io.contrastream.schemas..",
                    "org.apache.kafka..",
                    "org.apache.avro..",
                    "com.fasterxml.jackson..",
                    "org.slf4j..",
                    "java..",
                    "javax.net.ssl..");
}
