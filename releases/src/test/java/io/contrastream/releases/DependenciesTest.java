package io.contrastream.releases;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.contrastream.releases", importOptions = DoNotIncludeTests.class)
class DependenciesTest {

    @ArchTest
    static final ArchRule DEPENDS_ON_THE_CORE_SCHEMAS_FORMATS_AND_FILE_SYSTEMS_ALONE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.contrastream.releases..",
                    "io.contrastream.learning..",
                    "io.contrastream.schemas..",
                    "com.fasterxml.jackson..",
                    "ai.onnx.proto..",
                    "com.google.protobuf..",
                    "org.apache.avro..",
                    "org.apache.flink.core.fs..",
                    "java..");
}
