package io.contrastream.encoders.torch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.bytedeco.pytorch.TensorBase;

/** Rules that the other modules' tests cannot hold: only one engine is on their class paths. */
@AnalyzeClasses(packages = "io.contrastream.encoders.torch", importOptions = DoNotIncludeTests.class)
class DependenciesTest {

    @ArchTest
    static final ArchRule DEPENDS_ON_THE_CORE_AND_LIBTORCH_ALONE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.contrastream.encoders.torch..",
                    "io.contrastream.encoders.library..",
                    "io.contrastream.encoders.memory..",
                    "io.contrastream.learning..",
                    "org.bytedeco..",
                    "org.slf4j..",
                    "java..");

    /** So that waits are counted. Copies to the device go through {@code Upload}, which names it. */
    @ArchTest
    static final ArchRule NATIVE_ALONE_FETCHES_FROM_THE_DEVICE = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Native.class.getName())
            .should()
            .callMethodWhere(describe(
                    "fetches a tensor's values",
                    call -> call.getTargetOwner().isAssignableTo(TensorBase.class)
                            && call.getName()
                                    .matches("cpu|to|item.*|equal|is_nonzero|nonzero.*|unique.*|masked_select")));

    @ArchTest
    static final ArchRule NO_JAVA_DESERIALISATION =
            noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.io.ObjectInputStream");
}
