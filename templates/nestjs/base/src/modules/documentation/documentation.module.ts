import { Module } from '@nestjs/common';
import { DocumentationController } from './documentation.controller.js';
import { Documentation } from './documentation.service.js';

@Module({ controllers: [DocumentationController], providers: [Documentation] })
export class DocumentationModule {}
