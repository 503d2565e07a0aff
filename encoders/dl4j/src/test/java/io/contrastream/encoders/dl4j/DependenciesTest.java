package io.contrastream.encoders.dl4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.contrastream.encoders.dl4j", importOptions = DoNotIncludeTests.class)
class DependenciesTest {

    /** The engine's own package is one of them. */
    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("io.contrastream.encoders.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ONEDNN_IS_CALLED_IN_ITS_PACKAGE_ALONE = noClasses()
            .that()
            .resideOutsideOfPackage("io.contrastream.encoders.dl4j.onednn")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco.dnnl..");

    @ArchTest
    static final ArchRule VERTICES_OF_ND4J_AND_OF_ONEDNN_DO_NOT_KNOW_EACH_OTHER = slices().matching(
                    "io.contrastream.encoders.dl4j.(nd4j|onednn)")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule THE_ENGINE_ALONE_IS_PUBLIC_IN_ITS_PACKAGE = classes()
            .that()
            .resideInAPackage("io.contrastream.encoders.dl4j")
            .and()
            .doNotHaveFullyQualifiedName(Dl4jEngine.class.getName())
            .should()
            .notBePublic();
}
