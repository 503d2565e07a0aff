package io.contrastream.dashboard;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.contrastream.dashboard", importOptions = DoNotIncludeTests.class)
class DependenciesTest {

    @ArchTest
    static final ArchRule PROJECTIONS_KNOW_THE_JDK_ONLY = classes()
            .that()
            .resideInAPackage("io.contrastream.dashboard.projection..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.contrastream.dashboard.projection..", "java..");

    @ArchTest
    static final ArchRule THE_MODEL_KNOWS_NEITHER_KAFKA_NOR_HTTP = classes()
            .that()
            .resideInAPackage("io.contrastream.dashboard.model..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.contrastream.dashboard.model..",
                    "io.contrastream.dashboard.projection..",
                    "io.contrastream.schemas..",
                    "org.apache.avro..",
                    "com.fasterxml.jackson..",
                    "java..");

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLES =
            slices().matching("io.contrastream.dashboard.(*)..").should().beFreeOfCycles();
}
