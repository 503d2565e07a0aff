package io.contrastream.datasets;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.contrastream.datasets", importOptions = DoNotIncludeTests.class)
class DependenciesTest {

    @ArchTest
    static final ArchRule KNOWS_NEITHER_KAFKA_NOR_FLINK = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.contrastream.datasets..",
                    "io.contrastream.schemas..",
                    "io.contrastream.operators.decode..",
                    "io.contrastream.learning.failure..",
                    "io.contrastream.learning.random..",
                    "com.fasterxml.jackson..",
                    "java..",
                    "javax.imageio..");
}
