package io.contrastream.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.contrastream", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule KNOWS_NO_ENGINE = noClasses()
            .that()
            .resideInAPackage("io.contrastream.benchmarks..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.contrastream.encoders..", "org.nd4j..", "org.deeplearning4j..", "org.bytedeco..");

    @ArchTest
    static final ArchRule NOTHING_NEEDS_BENCHMARKS = noClasses()
            .that()
            .resideOutsideOfPackage("io.contrastream.benchmarks..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.contrastream.benchmarks..");
}
