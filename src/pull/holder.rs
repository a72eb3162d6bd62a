//! The service of AWS that a puller belongs to, where its identity or program tells.
//!
//! Comes in: an identity, and the clients of a pull and its login. Goes out: the service, if one of them names it. Never: a
//! service by the name of a role, which anybody chooses.

use crate::event::{Client, Identity, Principal};

/// A service of AWS that runs images or looks into them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HolderService {
    /// Elastic Container Service, on instances or on Fargate.
    Ecs,
    /// A node of a Kubernetes cluster.
    Node,
    /// Lambda.
    Lambda,
    /// CodeBuild.
    CodeBuild,
    /// App Runner.
    AppRunner,
    /// SageMaker.
    SageMaker,
    /// Inspector, a scanner.
    Inspector,
    /// ECR itself: replication, scanning or its pull-through cache.
    Ecr,
}

impl HolderService {
    /// Every service.
    pub const ALL: [Self; 8] = [
        Self::Ecs,
        Self::Node,
        Self::Lambda,
        Self::CodeBuild,
        Self::AppRunner,
        Self::SageMaker,
        Self::Inspector,
        Self::Ecr,
    ];

    /// The name that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::Node => "Kubernetes node",
            Self::Lambda => "Lambda",
            Self::CodeBuild => "CodeBuild",
            Self::AppRunner => "App Runner",
            Self::SageMaker => "SageMaker",
            Self::Inspector => "Inspector",
            Self::Ecr => "ECR",
        }
    }

    /// The service, by who called and through which programs.
    #[must_use]
    pub fn of<'c>(
        identity: &Identity,
        clients: impl IntoIterator<Item = &'c Client>,
    ) -> Option<Self> {
        let backing = identity.backing.as_deref();
        let invoked_by = backing.and_then(|backing| backing.invoked_by.as_deref());
        let issuer = backing.and_then(|backing| backing.issuer_type.as_deref());
        let by_name = match &identity.principal {
            Principal::AwsService { name } => of_service(name),
            Principal::AssumedRole { role, session_name } => role
                .strip_prefix("AWSServiceRoleFor")
                .and_then(of_linked_role)
                .or_else(|| of_session(session_name)),
            Principal::Root
            | Principal::IamUser { .. }
            | Principal::FederatedUser { .. }
            | Principal::AwsAccount { .. }
            | Principal::Unknown => None,
        };
        let by_name = by_name
            .or_else(|| of_service(invoked_by?))
            .or_else(|| issuer?.starts_with("AWS::Lambda").then_some(Self::Lambda));
        by_name.or_else(|| {
            let mut clients = clients.into_iter();
            clients.find_map(|client| {
                let address = client.source_ip.as_deref().unwrap_or_default();
                let agent = client.user_agent.as_deref().unwrap_or_default();
                // The registry's front end puts its own name there.
                let by_address = of_service(address).filter(|&of| of != Self::Ecr);
                by_address.or_else(|| of_agent(agent))
            })
        })
    }
}

/// The service with a principal, as in `lambda.amazonaws.com` (IAM user guide, "AWS services that work with IAM").
fn of_service(name: &str) -> Option<HolderService> {
    let (service, _) = name.split_once(".amazonaws.com")?;
    Some(match service {
        "ecs" | "ecs-tasks" => HolderService::Ecs,
        "lambda" => HolderService::Lambda,
        "codebuild" => HolderService::CodeBuild,
        "apprunner" | "build.apprunner" | "tasks.apprunner" => HolderService::AppRunner,
        "sagemaker" => HolderService::SageMaker,
        "inspector" | "inspector2" => HolderService::Inspector,
        "ecr" | "replication.ecr" | "pullthroughcache.ecr" => HolderService::Ecr,
        "eks" | "eks-nodegroup" => HolderService::Node,
        _ => return None,
    })
}

/// The service of a service-linked role, whose names no one else may use.
fn of_linked_role(rest: &str) -> Option<HolderService> {
    Some(match rest {
        "ECS" => HolderService::Ecs,
        "AppRunner" => HolderService::AppRunner,
        "AmazonInspector" | "AmazonInspector2" | "AmazonInspector2Agentless" => {
            HolderService::Inspector
        }
        "ECRReplication" | "ECRPullThroughCache" | "AmazonECRReplication" => HolderService::Ecr,
        "AmazonEKSNodegroup" => HolderService::Node,
        _ => return None,
    })
}

/// The service by the name that it gives to its sessions (observed: CodeBuild).
fn of_session(session: &str) -> Option<HolderService> {
    (session.starts_with("AWSCodeBuild-")).then_some(HolderService::CodeBuild)
}

/// The service by its program (sources of the ECS agent and of Kubernetes' credential provider).
fn of_agent(agent: &str) -> Option<HolderService> {
    let words = [
        ("ecr-credential-provider", HolderService::Node),
        ("kubelet", HolderService::Node),
        ("amazon-ecs-agent", HolderService::Ecs),
        ("Amazon ECS Agent", HolderService::Ecs),
        ("aws-fargate", HolderService::Ecs),
    ];
    let mut words = words.into_iter();
    words
        .find(|(word, _)| agent.contains(word))
        .map(|(_, holder)| holder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_known_by_what_only_it_can_say() {
        let identity = |principal| Identity {
            principal,
            ..Identity::default()
        };
        let role = |role: &str, session: &str| {
            identity(Principal::AssumedRole {
                role: role.into(),
                session_name: session.into(),
            })
        };
        let agent = |agent: &str| Client {
            user_agent: Some(agent.into()),
            ..Client::default()
        };
        let front = Client {
            source_ip: Some("ecr.amazonaws.com".into()),
            ..agent("ecr.amazonaws.com")
        };
        for (of, client, expected) in [
            (role("lambda", "x"), agent("AWS Internal"), None),
            (
                role("AWSServiceRoleForAmazonInspector2", "x"),
                agent(""),
                Some(HolderService::Inspector),
            ),
            (role("n", "i-1"), front.clone(), None),
            (
                role("b", "AWSCodeBuild-1"),
                agent(""),
                Some(HolderService::CodeBuild),
            ),
            (
                role("n", "i-1"),
                agent("ecr-credential-provider/v1.29"),
                Some(HolderService::Node),
            ),
            (
                identity(Principal::AwsService {
                    name: "lambda.amazonaws.com".into(),
                }),
                agent(""),
                Some(HolderService::Lambda),
            ),
        ] {
            assert_eq!(HolderService::of(&of, [&client]), expected, "{of:?}");
        }
    }
}
